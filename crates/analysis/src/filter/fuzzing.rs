//! What must hold for any text that is read as a filter.

use super::eval::{Subject, Value};
use super::fields::{Field, FieldId, FieldType};
use super::{Filter, FilterError};
use crate::row::Endpoint;

/// Reads any bytes as a filter: a mistake has a place inside the text, and a filter in its normal
/// form is the same filter.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    let source = String::from_utf8_lossy(data);
    let filter = match Filter::parse(&source) {
        Ok(filter) => filter,
        Err(error) => return check_place(&error),
    };
    let normal = filter.to_string();
    // The normal form has more quotes, so it can exceed the limit where the source did not.
    let Ok(again) = Filter::parse(&normal) else {
        assert!(normal.len() > super::MAX_LENGTH, "{source:?} became {normal:?}, which is none");
        return;
    };
    assert_eq!(again.to_string(), normal, "the normal form of {source:?} has another normal form");
    for seed in 0..4 {
        let sample = Sample(seed);
        assert_eq!(filter.matches(&sample), again.matches(&sample), "{source:?} and {normal:?}");
    }
}

fn check_place(error: &FilterError) {
    let end = error.position + error.length;
    assert!(error.expression.get(error.position..end).is_some(), "{error:?}");
    let lines = error.to_string().lines().count();
    assert!((3..=4).contains(&lines), "{error:?}");
}

/// Has every field, with values picked by the number.
struct Sample(usize);

impl Subject for Sample {
    fn visit(&self, field: &Field, see: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        let Field::Known(id) = field else { return see(Value::Text("a b")) };
        match id.kind() {
            FieldType::Text if *id == FieldId::Code => false,
            FieldType::Text => see(Value::Text(["h2", "", "/a(b)", "x\"\\*"][self.0 % 4])),
            FieldType::TlsVersion => see(Value::Text("TLSv1.3")),
            FieldType::Conn => see(Value::Text("01890a5d-ac96-774b-bcce-b302099a8057")),
            FieldType::Words(lists) => {
                lists.iter().copied().flatten().skip(self.0).any(|word| see(Value::Text(word)))
            }
            FieldType::Category => see(Value::Text("self_signed")),
            FieldType::Switch | FieldType::Error => see(Value::Switch(self.0.is_multiple_of(2))),
            FieldType::Client | FieldType::Address => {
                see(Value::Client(Endpoint { ip: ["10.0.0.5", "::1"][self.0 % 2], port: Some(80) }))
            }
            FieldType::Number
            | FieldType::Status
            | FieldType::GrpcStatus
            | FieldType::Duration
            | FieldType::Bytes => see(Value::Number([0, 14, 503, 1 << 20][self.0 % 4])),
        }
    }

    fn write_text(&self, out: &mut String) {
        out.push_str(["tls fail in", "or", "-> 10.0.0.5", "«POST» /A"][self.0 % 4]);
    }
}
