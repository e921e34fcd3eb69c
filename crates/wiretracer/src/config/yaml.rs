//! YAML text → [`Node`] tree.
//!
//! A parser's events are stacked into values, because only at that height every key keeps its own
//! place and a key given twice is still there twice. Anchors, aliases and merge keys (`<<`) work, so
//! that listeners can share a section:
//!
//! ```yaml
//! listeners:
//!   - { name: a, listen: "127.0.0.1:1", upstream: { addr: "h:1" }, policy: &p { read_timeout: 5 } }
//!   - { name: b, listen: "127.0.0.1:2", upstream: { addr: "h:2" }, policy: { <<: *p, idle_timeout: 9 } }
//! ```
//!
//! A file is bounded in nesting and in the number of values (an alias counts as all that it stands
//! for), so that a small text can't grow into a large tree.

use std::collections::HashMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Span, Tag};

use super::node::{Entry, Meaning, Node, Place, Scalar, Value};

/// How deep collections may nest; the deepest real key is at five.
const MAX_DEPTH: usize = 24;
/// How many values a file may hold: hundreds of listeners with every key.
const MAX_NODES: usize = 50_000;

/// Why the text is no configuration at all, and where.
#[derive(Debug)]
pub(super) struct Unreadable {
    pub(super) place: Place,
    pub(super) message: String,
}

/// Reads one YAML document. A text without any gives `null`.
pub(super) fn parse(text: &str) -> Result<Node, Unreadable> {
    // The parser counts from the first line that is not one of them.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder::default();
    for next in Parser::new_from_str_with_options(text, options) {
        let (event, span) = next.map_err(|error| Unreadable {
            place: place_of(error.marker()),
            message: format!("not YAML: {}", error.info()),
        })?;
        builder.take(event, &span)?;
    }
    let empty = || scalar(Place::START, String::new(), Meaning::Null);
    Ok(builder.root.unwrap_or_else(empty))
}

/// The collections that are open, outermost first; what closes goes into the one below it.
#[derive(Default)]
struct Builder {
    open: Vec<Frame>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

struct Frame {
    place: Place,
    anchor: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    /// `key` is there between a key and its value.
    Map {
        entries: Vec<Entry>,
        key: Option<(String, Place)>,
    },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: &Span) -> Result<(), Unreadable> {
        let place = place_of(&span.start);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let meaning = meaning(&text, style, tag.as_deref(), span)?;
                // The parser calls nothing `~`; what is written is worth telling apart.
                let nothing = span.start.index() == span.end.index();
                let text = if nothing { String::new() } else { text.into_owned() };
                self.close(anchor, scalar(place, text, meaning))
            }
            Event::SequenceStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), span)?;
                self.open(Frame { place, anchor, content: Content::List(Vec::new()) })
            }
            Event::MappingStart(_, anchor, tag) => {
                refuse_tag(tag.as_deref(), span)?;
                let content = Content::Map { entries: Vec::new(), key: None };
                self.open(Frame { place, anchor, content })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Frame { place, anchor, content }) => {
                    let value = content.into_value()?;
                    self.close(anchor, Node { place, value })
                }
                None => Ok(()),
            },
            Event::Alias(id) => self.alias(id, place),
            Event::DocumentStart(..) if self.root.is_some() => {
                Err(unreadable(place, "a second document begins: one file holds one configuration"))
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), Unreadable> {
        if self.open.len() >= MAX_DEPTH {
            return Err(unreadable(frame.place, "nested too deeply"));
        }
        self.open.push(frame);
        Ok(())
    }

    /// A value is complete: it belongs to the innermost open collection.
    fn close(&mut self, anchor: usize, node: Node) -> Result<(), Unreadable> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(unreadable(node.place, "too many values for one configuration"));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        self.attach(node)
    }

    fn alias(&mut self, id: usize, place: Place) -> Result<(), Unreadable> {
        let Some(target) = self.anchors.get(&id) else {
            return Err(unreadable(place, "this alias stands inside what it names"));
        };
        self.nodes += target.count();
        if self.nodes > MAX_NODES {
            return Err(unreadable(place, "too many values for one configuration"));
        }
        if self.open.len() + target.depth() > MAX_DEPTH {
            return Err(unreadable(place, "nested too deeply"));
        }
        let node = target.clone();
        self.attach(node)
    }

    fn attach(&mut self, node: Node) -> Result<(), Unreadable> {
        let Some(frame) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut frame.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key } => match key.take() {
                Some((key, key_place)) => entries.push(Entry { key, key_place, value: node }),
                None => match node.value {
                    Value::Scalar(scalar) => *key = Some((scalar.text, node.place)),
                    Value::List(_) | Value::Map(_) => {
                        return Err(unreadable(node.place, "a key is a word, not a collection"));
                    }
                },
            },
        }
        Ok(())
    }
}

impl Content {
    fn into_value(self) -> Result<Value, Unreadable> {
        match self {
            Self::List(items) => Ok(Value::List(items)),
            Self::Map { entries, .. } => merge(entries).map(Value::Map),
        }
    }
}

/// `<<` brings in the entries of other mappings; a key that is written out wins over one brought in.
fn merge(entries: Vec<Entry>) -> Result<Vec<Entry>, Unreadable> {
    let (merges, mut own): (Vec<Entry>, Vec<Entry>) =
        entries.into_iter().partition(|entry| entry.key == "<<");
    for entry in merges {
        let sources = match entry.value.value {
            Value::List(sources) => sources,
            value => vec![Node { value, place: entry.value.place }],
        };
        for source in sources {
            let Value::Map(brought) = source.value else {
                return Err(unreadable(source.place, "'<<' takes a mapping or a list of mappings"));
            };
            for entry in brought {
                if own.iter().all(|known| known.key != entry.key) {
                    own.push(entry);
                }
            }
        }
    }
    Ok(own)
}

fn meaning(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
    span: &Span,
) -> Result<Meaning, Unreadable> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema_tag("str") => Ok(Meaning::Text),
        None if style == ScalarStyle::Plain => Ok(Meaning::of_plain(text)),
        None => Ok(Meaning::Text),
        tag => refuse_tag(tag, span).map(|()| Meaning::Text),
    }
}

fn refuse_tag(tag: Option<&Tag>, span: &Span) -> Result<(), Unreadable> {
    if tag.is_none() {
        return Ok(());
    }
    let place = place_of(&span.tag_start().unwrap_or(span.start));
    Err(unreadable(place, "tags other than !!str have no meaning here"))
}

fn scalar(place: Place, text: String, meaning: Meaning) -> Node {
    Node { place, value: Value::Scalar(Scalar { text, meaning }) }
}

fn unreadable(place: Place, message: &str) -> Unreadable {
    Unreadable { place, message: message.to_owned() }
}

fn place_of(marker: &Marker) -> Place {
    Place { line: marker.line().max(1), column: marker.col() + 1 }
}
