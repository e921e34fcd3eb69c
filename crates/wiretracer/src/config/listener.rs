//! `listeners[]`: one listener, and the rules that hold between it and those before it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use super::address;
use super::context::Context;
use super::field::{Field, Section};
use super::keys;
use super::logging::logging;
use super::model::{Listener, Logging, OnFull};
use super::policy::policy;
use super::tls::inbound;
use super::upstream::upstream;

/// What the listeners that follow must not repeat. It is known of a listener that has other
/// mistakes too, so that none of them hides another.
pub(super) struct Seen {
    path: String,
    name: Option<Arc<str>>,
    listen: Option<SocketAddr>,
    jsonl: Option<(PathBuf, OnFull)>,
}

/// Resolves one listener, and adds it to those `seen`.
pub(super) fn listener(
    item: &Field<'_>,
    seen: &mut Vec<Seen>,
    ctx: &mut Context,
) -> Option<Arc<Listener>> {
    let section = Section::open(item, &keys::LISTENER, ctx)?;
    let listen = match section.set("listen") {
        Some(field) => free_address(field, seen, ctx),
        None => {
            section.missing("listen", address::LISTEN_FORM, ctx);
            None
        }
    };
    let name = name(&section, seen, ctx)
        // One without a name is called by its address.
        .or_else(|| listen.map(|listen| listen.to_string().into()));
    let inbound = inbound(&section, ctx);
    let upstream = upstream(&section, listen, &inbound, ctx);
    let policy = policy(&section.section("policy", &keys::POLICY, ctx), ctx);
    let logging_section = section.section("logging", &keys::LOGGING, ctx);
    let logging = logging(&logging_section, ctx);
    refuse_two_minds(&logging_section, &logging, seen, ctx);
    let jsonl = logging.jsonl_path.clone().map(|path| (path, logging.jsonl_on_full));
    seen.push(Seen { path: item.path.clone(), name: name.clone(), listen, jsonl });
    Some(Arc::new(Listener {
        name: name?,
        listen: listen?,
        inbound,
        upstream: upstream?,
        policy,
        logging,
    }))
}

/// An address to listen on that no listener has taken.
pub(super) fn free_address(
    field: &Field<'_>,
    seen: &[Seen],
    ctx: &mut Context,
) -> Option<SocketAddr> {
    let text = field.text(address::LISTEN_FORM, ctx)?;
    let address = address::listen(text).map_err(|allowed| field.refuse(&allowed, ctx)).ok()?;
    let taken = seen.iter().find_map(|other| {
        let listen = other.listen.filter(|listen| address::collide(address, *listen))?;
        Some((&other.path, listen))
    });
    if let Some((path, listen)) = taken {
        let every = if listen.ip().is_unspecified() { ", which is every address" } else { "" };
        ctx.mistake(field, format!("{address} is already taken by {path} ({listen}{every})"));
    }
    Some(address)
}

fn name(section: &Section<'_>, seen: &[Seen], ctx: &mut Context) -> Option<Arc<str>> {
    let field = section.set("name")?;
    let text = field.text("a name", ctx)?;
    if text.is_empty() || text.contains(char::is_control) {
        field.refuse("a name without control characters", ctx);
        return None;
    }
    if let Some(other) = seen.iter().find(|other| other.name.as_deref() == Some(text)) {
        let message = format!("found {} again, already the name of {}", field.node, other.path);
        ctx.mistake(field, message);
    }
    Some(text.into())
}

/// Listeners may write to one file, but only one rule can hold when it is slow.
fn refuse_two_minds(section: &Section<'_>, logging: &Logging, seen: &[Seen], ctx: &mut Context) {
    let Some(path) = &logging.jsonl_path else { return };
    let Some(field) = section.set("jsonl_on_full").or(section.set("jsonl_path")) else { return };
    let other = seen.iter().find_map(|other| {
        let (shared, rule) = other.jsonl.as_ref().filter(|(shared, _)| shared == path)?;
        (*rule != logging.jsonl_on_full).then_some((&other.path, shared, *rule))
    });
    if let Some((other, shared, rule)) = other {
        let rule = match rule {
            OnFull::Drop => "drop",
            OnFull::Block => "block",
        };
        let message = format!(
            "{} is shared with {other}, where jsonl_on_full is {rule}; allowed: the same in both",
            shared.display()
        );
        ctx.mistake(field, message);
    }
}
