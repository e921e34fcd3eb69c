//! `h2ctl`: what happens beneath the requests of an HTTP/2 connection.

use std::borrow::Cow;

use serde::de::Error as _;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::common::{Millis, Origin, Seconds};
use crate::vocabulary::{Flow, H2Event};

/// One HTTP/2 control event.
#[derive(Clone, Debug, PartialEq)]
pub struct H2CtlRecord {
    /// Whence it comes.
    pub origin: Origin,
    /// When.
    pub ts: Seconds,
    /// Who sent it; for `FLOW_*` the side that is kept from sending.
    pub direction: Flow,
    /// The stream; null on the connection.
    pub stream_id: Option<u32>,
    /// What it was, with its facts (`h2_event` and `details` in JSON).
    pub detail: H2Detail,
}

/// The facts of a control event.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(missing_docs, reason = "field names are the frames' own (RFC 9113 §6)")]
pub enum H2Detail {
    Settings {
        changed: Vec<Setting>,
    },
    WindowUpdate {
        delta: u32,
        window: i64,
    },
    FlowBlock {
        scope: Cow<'static, str>,
        wanted_bytes: Option<u64>,
        window: i64,
    },
    FlowResume {
        scope: Cow<'static, str>,
        blocked_ms: Millis,
    },
    RstStream {
        error_code: u32,
        error_name: Cow<'static, str>,
    },
    Goaway {
        error_code: u32,
        error_name: Cow<'static, str>,
        last_stream_id: u32,
        debug_data: String,
    },
    Ping {
        opaque: String,
    },
    PingAck {
        rtt_ms: Option<Millis>,
    },
    PushPromise {
        promised_stream_id: u32,
    },
    Fingerprint {
        h2fp: String,
        profile: Option<String>,
    },
    ProtocolError {
        what: Cow<'static, str>,
        rfc_section: Cow<'static, str>,
    },
    SettingsAck {},
}

/// One parameter of a SETTINGS frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Its registered name, or its number in hex.
    pub setting: Cow<'static, str>,
    /// The value that held before; null when there was no limit.
    pub old: Option<u32>,
    /// The value sent.
    pub new: u32,
}

impl H2Detail {
    /// The word in `h2_event`.
    pub fn event(&self) -> H2Event {
        match self {
            Self::Settings { .. } => H2Event::Settings,
            Self::SettingsAck {} => H2Event::SettingsAck,
            Self::WindowUpdate { .. } => H2Event::WindowUpdate,
            Self::FlowBlock { .. } => H2Event::FlowBlock,
            Self::FlowResume { .. } => H2Event::FlowResume,
            Self::RstStream { .. } => H2Event::RstStream,
            Self::Goaway { .. } => H2Event::Goaway,
            Self::Ping { .. } => H2Event::Ping,
            Self::PingAck { .. } => H2Event::PingAck,
            Self::PushPromise { .. } => H2Event::PushPromise,
            Self::Fingerprint { .. } => H2Event::Fingerprint,
            Self::ProtocolError { .. } => H2Event::ProtocolError,
        }
    }

    fn read(event: H2Event, details: serde_json::Value) -> Result<Self, serde_json::Error> {
        /// The same facts, told apart by the word instead of by their shape.
        #[derive(Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        enum Tagged {
            Settings { changed: Vec<Setting> },
            SettingsAck {},
            WindowUpdate { delta: u32, window: i64 },
            FlowBlock { scope: String, wanted_bytes: Option<u64>, window: i64 },
            FlowResume { scope: String, blocked_ms: Millis },
            RstStream { error_code: u32, error_name: String },
            Goaway { error_code: u32, error_name: String, last_stream_id: u32, debug_data: String },
            Ping { opaque: String },
            PingAck { rtt_ms: Option<Millis> },
            PushPromise { promised_stream_id: u32 },
            Fingerprint { h2fp: String, profile: Option<String> },
            ProtocolError { what: String, rfc_section: String },
        }
        let tagged = serde_json::Map::from_iter([(event.as_str().to_owned(), details)]);
        Ok(match Tagged::deserialize(serde_json::Value::Object(tagged))? {
            Tagged::Settings { changed } => Self::Settings { changed },
            Tagged::SettingsAck {} => Self::SettingsAck {},
            Tagged::WindowUpdate { delta, window } => Self::WindowUpdate { delta, window },
            Tagged::FlowBlock { scope, wanted_bytes, window } => {
                Self::FlowBlock { scope: scope.into(), wanted_bytes, window }
            }
            Tagged::FlowResume { scope, blocked_ms } => {
                Self::FlowResume { scope: scope.into(), blocked_ms }
            }
            Tagged::RstStream { error_code, error_name } => {
                Self::RstStream { error_code, error_name: error_name.into() }
            }
            Tagged::Goaway { error_code, error_name, last_stream_id, debug_data } => Self::Goaway {
                error_code,
                error_name: error_name.into(),
                last_stream_id,
                debug_data,
            },
            Tagged::Ping { opaque } => Self::Ping { opaque },
            Tagged::PingAck { rtt_ms } => Self::PingAck { rtt_ms },
            Tagged::PushPromise { promised_stream_id } => Self::PushPromise { promised_stream_id },
            Tagged::Fingerprint { h2fp, profile } => Self::Fingerprint { h2fp, profile },
            Tagged::ProtocolError { what, rfc_section } => {
                Self::ProtocolError { what: what.into(), rfc_section: rfc_section.into() }
            }
        })
    }
}

impl Serialize for H2CtlRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("H2CtlRecord", 10)?;
        object.serialize_field("id", &self.origin.id)?;
        object.serialize_field("listener", &self.origin.listener)?;
        object.serialize_field("client_ip", &self.origin.client_ip)?;
        object.serialize_field("client_port", &self.origin.client_port)?;
        object.serialize_field("conn_id", &self.origin.conn_id)?;
        object.serialize_field("ts", &self.ts)?;
        object.serialize_field("direction", &self.direction)?;
        object.serialize_field("h2_event", &self.detail.event())?;
        object.serialize_field("stream_id", &self.stream_id)?;
        object.serialize_field("details", &self.detail)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for H2CtlRecord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Shape {
            #[serde(flatten)]
            origin: Origin,
            ts: Seconds,
            direction: Flow,
            h2_event: H2Event,
            stream_id: Option<u32>,
            details: serde_json::Value,
        }
        let shape = Shape::deserialize(deserializer)?;
        Ok(Self {
            origin: shape.origin,
            ts: shape.ts,
            direction: shape.direction,
            stream_id: shape.stream_id,
            detail: H2Detail::read(shape.h2_event, shape.details).map_err(D::Error::custom)?,
        })
    }
}
