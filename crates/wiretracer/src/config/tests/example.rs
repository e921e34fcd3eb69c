//! The shipped example: it loads, it has every key, and each value is the default.

use super::super::keys::{LISTENER, LOGGING, METRICS, POLICY, ROOT, STORE, TLS, UPSTREAM};
use super::super::node::{Node, Value};
use super::super::{EXAMPLE, yaml};
use super::good;

#[test]
fn each_value_is_the_default() {
    let example = good(EXAMPLE);
    let least = good(
        "listeners:\n- name: example\n  listen: 127.0.0.1:9100\n  tls: {}\n  \
         upstream: { addr: \"127.0.0.1:50052\" }\n",
    );
    assert_eq!(example, least);
    assert_eq!(example.warnings, []);
}

#[test]
fn every_key_is_there() {
    let root = yaml::parse(EXAMPLE).unwrap();
    let listeners = child(&root, "listeners");
    let Value::List(items) = &listeners.value else { panic!("{listeners:?}") };
    let listener = &items[0];
    for (node, keys) in [
        (&root, &ROOT),
        (listener, &LISTENER),
        (child(listener, "tls"), &TLS),
        (child(listener, "upstream"), &UPSTREAM),
        (child(listener, "policy"), &POLICY),
        (child(listener, "logging"), &LOGGING),
        (child(&root, "store"), &STORE),
        (child(&root, "metrics"), &METRICS),
    ] {
        for name in keys.names {
            child(node, name);
        }
    }
}

fn child<'a>(node: &'a Node, key: &str) -> &'a Node {
    let Value::Map(entries) = &node.value else { panic!("{key} in {node:?}") };
    let entry = entries.iter().find(|entry| entry.key == key);
    &entry.unwrap_or_else(|| panic!("{key} is not in the example")).value
}
