//! One filter serves other views than records: here a connection that has some fields of its own
//! and leaves the others to its records.

use crate::filter::{Field, FieldId, Filter, Subject, Term, Value};
use crate::record::Record;
use crate::samples::{event, goaway, http1};

struct Connection {
    listener: &'static str,
    records: Vec<Record>,
}

impl Subject for Connection {
    fn visit(&self, field: &Field, see: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        matches!(field, Field::Known(FieldId::Listener)) && see(Value::Text(self.listener))
    }

    fn write_text(&self, out: &mut String) {
        out.push_str(self.listener);
    }

    fn holds(&self, term: &Term) -> bool {
        match term.field {
            Field::Known(FieldId::Listener) => term.holds(self),
            _ => self.records.iter().any(|record| term.holds(record)),
        }
    }
}

#[test]
fn a_connection_answers_for_itself_and_for_its_records() {
    let connection =
        Connection { listener: "edge", records: vec![event(|_| ()), goaway(), http1(404)] };
    for (expression, expected) in [
        ("listener=edge h2=GOAWAY grpc_status=14", true),
        ("listener=grpc-mitm", false),
        ("listener!=edge", false),
        ("status!=200", true),
        ("status!=200 status!=404", true),
        ("-status=404", false),
        ("edge", true),
        ("side=in", false),
    ] {
        let filter = Filter::parse(expression).unwrap();
        assert_eq!(filter.matches(&connection), expected, "{expression}");
    }
}
