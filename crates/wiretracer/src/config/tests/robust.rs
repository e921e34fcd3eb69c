//! Any text at all: a configuration or mistakes, within bounds, and never a panic.

use proptest::prelude::*;

use super::super::{EXAMPLE, fuzz};
use super::{mistakes, with};

#[test]
fn seeds() {
    for seed in [
        "",
        "\u{feff}listeners: []",
        "a: &a [*a]",
        "<<: 1",
        "a: *nothing",
        "? ? ? a",
        "listeners: [{listen: \"a\\nb\", \"k\\ey\": 1}]",
        "listeners: [{tls: {cert: \"a\\nb\", key: \"\\0\"}}]",
        "%YAML 9.9\n---\na",
        "\t",
        "a: 1\r\nb: [",
        "---\n---\n",
    ] {
        fuzz(seed.as_bytes());
    }
    fuzz(b"\xff\xfe");
    fuzz(EXAMPLE.as_bytes());
}

#[test]
fn a_small_text_does_not_grow_into_a_large_tree() {
    let mut text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n".to_owned();
    for level in 1..20 {
        let before = level - 1;
        let ten = vec![format!("*a{before}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{ten}]\n"));
    }
    let found = mistakes(&text);
    assert!(found[0].ends_with("too many values for one configuration"), "{found:?}");
    let deep = format!("a: {}{}", "[".repeat(30_000), "]".repeat(30_000));
    assert!(mistakes(&deep)[0].starts_with("c.yaml:1:"));
}

/// Characters that mean something to YAML, and pieces of real configurations.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[-:?,\\[\\]{}#&*!|>'\"%@` \n\t~<]",
        "[a-z0-9.]{1,6}",
        prop::sample::select(EXAMPLE.lines().collect::<Vec<_>>())
            .prop_map(|line| format!("{line}\n")),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text(text in soup()) {
        fuzz(text.as_bytes());
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&bytes);
    }

    #[test]
    fn any_value_of_any_key(
        line in prop::sample::select(EXAMPLE.lines().filter(|l| l.contains(": ")).collect::<Vec<_>>()),
        value in "[-0-9a-z.:/\\[\\]]{0,12}",
    ) {
        let (key, _) = line.split_once(": ").unwrap();
        fuzz(EXAMPLE.replace(line, &format!("{key}: {value}")).as_bytes());
        fuzz(with(&format!("{}: {value}", key.trim())).as_bytes());
    }
}
