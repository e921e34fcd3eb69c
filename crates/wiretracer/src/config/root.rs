//! The file as a whole: its listeners, `store` and `metrics`.

use super::context::Context;
use super::field::{Field, Section};
use super::keys;
use super::listener::{self, Seen, free_address};
use super::model::{Config, Metrics, Store};
use super::node::Node;
use super::units::{count, size};

/// As many as could be kept in a large machine's memory.
const MOST_RECORDS: u64 = 100_000_000;
const MOST_BYTES: usize = 1 << 40;

/// Resolves a file. What is reported stays with `ctx`; nothing comes back when that is not worth
/// looking at.
pub(super) fn config(root: &Node, ctx: &mut Context) -> Option<Config> {
    let root = Field { node: root, path: String::new() };
    let section = Section::open(&root, &keys::ROOT, ctx)?;
    let mut seen = Vec::new();
    let mut listeners = Vec::new();
    for item in items(&section, ctx) {
        listeners.extend(listener::listener(&item, &mut seen, ctx));
    }
    let store = store(&section.section("store", &keys::STORE, ctx), ctx);
    let metrics = metrics(&section.section("metrics", &keys::METRICS, ctx), &seen, ctx);
    Some(Config { listeners, store, metrics, warnings: Vec::new() })
}

fn items<'a>(root: &Section<'a>, ctx: &mut Context) -> Vec<Field<'a>> {
    const FORM: &str = "a list with at least one listener";
    let Some(field) = root.set("listeners") else {
        root.missing("listeners", FORM, ctx);
        return Vec::new();
    };
    let items = field.items(FORM, ctx);
    if items.is_empty() && field.is_list() {
        ctx.mistake(field, format!("found an empty list, allowed: {FORM}"));
    }
    items
}

/// Resolves the `store` section.
pub(super) fn store(section: &Section<'_>, ctx: &mut Context) -> Store {
    Store {
        max_records: count(section, "max_records", 50_000, 1..=MOST_RECORDS, ctx),
        max_bytes: size(section, "max_bytes", 256 << 20, 0..=MOST_BYTES, ctx),
        closed_connections: count(section, "closed_connections", 2000, 0..=MOST_RECORDS, ctx),
    }
}

fn metrics(section: &Section<'_>, seen: &[Seen], ctx: &mut Context) -> Metrics {
    Metrics { listen: section.set("listen").and_then(|field| free_address(field, seen, ctx)) }
}
