//! What is printed, and what happens when nobody reads it.

use std::sync::Mutex;

use super::*;
use crate::sink::test_records::{event, ordinals};
use analysis::metrics::Metric;

/// Standard output for a test.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn print(form: Form, filter: Option<RecordFilter>, count: u32) -> String {
    let page = Page::default();
    let (sink, thread) = PrintSink::start(page.clone(), form, filter, Arc::default()).unwrap();
    for ordinal in 1..=count {
        assert!(sink.push(Arc::new(event("a", ordinal))));
    }
    drop(sink);
    thread.join().unwrap();
    let bytes = page.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn json_is_printed_as_in_a_file() {
    assert_eq!(ordinals(&print(Form::Json, None, 3)), [1, 2, 3]);
}

#[test]
fn text_is_printed_in_the_form_given() {
    let form = |record: &Record, text: &mut String| {
        text.push_str(record.kind());
        text.push_str(&record.origin().id.ordinal.to_string());
    };
    assert_eq!(print(Form::Text(Arc::new(form)), None, 2), "event1\nevent2\n");
}

#[test]
fn what_does_not_pass_the_filter_is_not_printed() {
    let odd = RecordFilter::new(|record| record.origin().id.ordinal % 2 == 1);
    assert_eq!(ordinals(&print(Form::Json, Some(odd), 5)), [1, 3, 5]);
}

#[tokio::test]
async fn a_reader_that_goes_is_told_of_and_misses_nothing() {
    let metrics = Arc::new(Metrics::new());
    let (reader, writer) = io::pipe().unwrap();
    let (sink, thread) = PrintSink::start(writer, Form::Json, None, Arc::clone(&metrics)).unwrap();
    drop(reader);
    sink.push(Arc::new(event("a", 1)));
    sink.reader_gone().await;
    thread.join().unwrap();
    assert!(sink.push(Arc::new(event("a", 2))));
    assert_eq!(metrics.global().get(Metric::RecordsDropped), 0);
}

#[test]
fn what_cannot_be_printed_is_counted_and_printing_goes_on() {
    let metrics = Arc::new(Metrics::new());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (sink, thread) = PrintSink::start(full, Form::Json, None, Arc::clone(&metrics)).unwrap();
    for ordinal in 1..=3 {
        assert!(sink.push(Arc::new(event("a", ordinal))));
    }
    sink.close();
    assert!(!sink.push(Arc::new(event("a", 4))), "closed by us: lost");
    thread.join().unwrap();
    assert_eq!(metrics.listener(&"a".into()).get(Metric::RecordsDropped), 3);
}
