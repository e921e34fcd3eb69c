//! From a listener to files and subscribers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use analysis::metrics::{Metric, Metrics};
use tempfile::TempDir;

use super::*;
use crate::sink::RecordFilter;
use crate::sink::queue::{Bounds, OnFull};
use crate::sink::test_records::{event, failed_event, h2ctl, ordinals};

fn scene() -> (TempDir, PathBuf, Recording) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("records.jsonl");
    (dir, path, Recording::new(Arc::new(Metrics::new())))
}

fn options(listener: &str, path: Option<&Path>) -> RecordingOptions {
    let jsonl = path.map(|path| Jsonl { path: path.into(), on_full: OnFull::Drop });
    RecordingOptions { listener: listener.into(), sample_rate: 1.0, jsonl }
}

fn recorder(recording: &Recording, listener: &str, path: &Path) -> Recorder {
    recording.recorder_for(&options(listener, Some(path))).unwrap()
}

fn written(path: &Path) -> Vec<u32> {
    ordinals(&fs::read_to_string(path).unwrap())
}

fn count(recording: &Recording, listener: &str, metric: Metric) -> u64 {
    recording.metrics().listener(&listener.into()).get(metric)
}

#[test]
fn two_listeners_share_a_file_and_keep_their_order() {
    let (_dir, path, recording) = scene();
    let (one, two) = (recorder(&recording, "one", &path), recorder(&recording, "two", &path));
    assert!(Arc::ptr_eq(one.0.jsonl.as_ref().unwrap(), two.0.jsonl.as_ref().unwrap()));
    for ordinal in 1..=1000 {
        let (recorder, name) = if ordinal % 2 == 1 { (&one, "one") } else { (&two, "two") };
        recorder.record(event(name, ordinal));
    }
    recording.finish();
    assert_eq!(written(&path), (1..=1000).collect::<Vec<_>>());
    for listener in ["one", "two"] {
        assert_eq!(count(&recording, listener, Metric::Records), 500);
        assert_eq!(count(&recording, listener, Metric::HttpRequests), 500);
        assert_eq!(count(&recording, listener, Metric::RecordsDropped), 0);
    }
}

#[test]
fn connections_on_many_threads_lose_nothing() {
    let (_dir, path, recording) = scene();
    let recorder = recorder(&recording, "a", &path);
    thread::scope(|scope| {
        for part in 0..4 {
            let recorder = recorder.clone();
            scope.spawn(move || {
                (0..500).for_each(|n| recorder.record(h2ctl("a", part * 1000 + n)));
            });
        }
    });
    recording.finish();
    let all = written(&path);
    for part in 0..4 {
        let own: Vec<_> = all.iter().copied().filter(|ordinal| ordinal / 1000 == part).collect();
        assert_eq!(own, (part * 1000..part * 1000 + 500).collect::<Vec<_>>());
    }
    assert_eq!(all.len(), 2000);
}

#[test]
fn what_sampling_leaves_out_is_counted_and_not_written() {
    let (_dir, path, recording) = scene();
    let none = RecordingOptions { sample_rate: 0.0, ..options("a", Some(&path)) };
    let recorder = recording.recorder_for(&none).unwrap();
    recorder.record(event("a", 1));
    recorder.record(failed_event("a", 2));
    recorder.record(h2ctl("a", 3));
    recording.finish();
    assert_eq!(written(&path), [2, 3]);
    assert_eq!(count(&recording, "a", Metric::HttpRequests), 2);
    assert_eq!(count(&recording, "a", Metric::Records), 2);
    assert_eq!(count(&recording, "a", Metric::RecordsDropped), 0);
}

#[test]
fn a_full_disk_costs_records_and_nothing_else() {
    let (_dir, path, recording) = scene();
    let (lost, kept) =
        (recorder(&recording, "lost", Path::new("/dev/full")), recorder(&recording, "kept", &path));
    for ordinal in 1..=10 {
        lost.record(event("lost", ordinal));
        kept.record(event("kept", ordinal));
        assert!(lost.has_room());
    }
    recording.finish();
    assert_eq!(count(&recording, "lost", Metric::RecordsDropped), 10);
    assert_eq!(count(&recording, "kept", Metric::RecordsDropped), 0);
    assert_eq!(written(&path).len(), 10);
}

#[test]
fn records_that_come_too_late_are_counted() {
    let (_dir, path, recording) = scene();
    let recorder = recorder(&recording, "a", &path);
    recording.finish();
    recorder.record(event("a", 1));
    assert_eq!(count(&recording, "a", Metric::RecordsDropped), 1);
    recording.finish();
}

#[test]
fn a_filter_chooses_what_goes_into_files() {
    let (_dir, path, recording) = scene();
    let recording = recording.with_file_filter(RecordFilter::new(|it| it.kind() == "h2ctl"));
    let recorder = recorder(&recording, "a", &path);
    recorder.record(event("a", 1));
    recorder.record(h2ctl("a", 2));
    recording.finish();
    assert_eq!(written(&path), [2]);
}

#[tokio::test]
async fn nobody_waits_for_a_writer_that_has_died() {
    let (_dir, path, recording) = scene();
    let recording = recording
        .with_file_bounds(Bounds { records: 1, bytes: 1 << 20 })
        .with_file_filter(RecordFilter::new(|_| panic!("a filter with a bug")));
    let jsonl = Some(Jsonl { path, on_full: OnFull::Block });
    let recorder =
        recording.recorder_for(&RecordingOptions { jsonl, ..options("a", None) }).unwrap();
    recorder.record(event("a", 1));
    recorder.room().await;
    recording.finish();
    recorder.record(event("a", 2));
    assert_eq!(count(&recording, "a", Metric::RecordsDropped), 1);
}

#[test]
fn a_subscriber_gets_records_until_the_end_and_what_it_cannot_take_is_counted() {
    let recording = Recording::new(Arc::new(Metrics::new()));
    let recorder = recording.recorder_for(&options("a", None)).unwrap();
    let (mut wide, mut narrow) = (recording.subscribe(10), recording.subscribe(1));
    drop(recording.subscribe(1));
    (1..=3).for_each(|ordinal| recorder.record(event("a", ordinal)));
    recording.finish();
    let all = |receiver: &mut tokio::sync::mpsc::Receiver<Arc<Record>>| {
        std::iter::from_fn(|| receiver.blocking_recv()).map(|it| it.origin().id.ordinal).collect()
    };
    let (wide, narrow): (Vec<u32>, Vec<u32>) = (all(&mut wide), all(&mut narrow));
    assert_eq!((wide, narrow), (vec![1, 2, 3], vec![1]));
    assert_eq!(count(&recording, "a", Metric::RecordsDropped), 2);
}

#[test]
fn a_reload_keeps_the_file_and_the_counters_of_a_listener() {
    let (dir, path, recording) = scene();
    let before = recorder(&recording, "a", &path);
    before.record(event("a", 1));
    let after = recorder(&recording, "a", &path);
    assert!(Arc::ptr_eq(before.0.jsonl.as_ref().unwrap(), after.0.jsonl.as_ref().unwrap()));
    let elsewhere = recorder(&recording, "a", &dir.path().join("other.jsonl"));
    drop(before);
    after.record(event("a", 2));
    elsewhere.record(event("a", 3));
    drop((after, elsewhere));
    recording.finish();
    assert_eq!(written(&path), [1, 2]);
    assert_eq!(written(&dir.path().join("other.jsonl")), [3]);
    assert_eq!(count(&recording, "a", Metric::Records), 3);
}

#[test]
fn a_rotated_file_is_opened_anew_on_request() {
    let (dir, path, recording) = scene();
    let moved = dir.path().join("records.jsonl.1");
    let recorder = recorder(&recording, "a", &path);
    while !path.exists() {
        thread::yield_now();
    }
    fs::rename(&path, &moved).unwrap();
    recording.reopen();
    recorder.record(event("a", 1));
    recording.finish();
    assert_eq!(written(&path), [1]);
    assert!(written(&moved).is_empty());
}

/// The writer stands before a pipe that nobody reads yet, so the queue fills for certain.
#[tokio::test]
async fn a_relay_waits_for_a_slow_file_that_must_not_lose_records() {
    let (_dir, path, recording) = scene();
    let recording = recording.with_file_bounds(Bounds { records: 4, bytes: 1 << 20 });
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let jsonl = Some(Jsonl { path: path.clone(), on_full: OnFull::Block });
    let block = RecordingOptions { jsonl, ..options("a", None) };
    let recorder = recording.recorder_for(&block).unwrap();
    let mut next = 0;
    while recorder.has_room() {
        next += 1;
        recorder.record(event("a", next));
    }
    assert_eq!(next, 4);
    let reader = thread::spawn(move || fs::read_to_string(path).unwrap());
    for _ in 0..10 {
        recorder.room().await;
        next += 1;
        recorder.record(event("a", next));
    }
    recording.finish();
    assert_eq!(ordinals(&reader.join().unwrap()), (1..=14).collect::<Vec<_>>());
    assert_eq!(count(&recording, "a", Metric::RecordsDropped), 0);
}
