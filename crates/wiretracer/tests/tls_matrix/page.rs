//! `docs/tls-failures.md`: the cases as a table.

use std::fmt::Write as _;
use std::fs;

use crate::case::{Case, Peer, Row};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tls-failures.md");

const HEAD: &str = "# Failed handshakes, and the rows they make

Each row was played: a peer with that fault, the program between, and the record that came out. The table is written
from the data of that test (`UPDATE_DOCS=1 cargo test --test tls_matrix`), and the test fails when the two differ.

*Row* is what the `tls` record says: `reason`, `category`, and the alert with who sent it. *Ends* is what `conn close`
says: who closed, and why. *Detail* quotes what stays the same from run to run; `…` stands for the rest, such as dates.
An empty *TLS* means that no version was agreed on, or that it does not matter. The words are explained in the
[guide](guide.md#words).
";

const COLUMNS: &str = "| Fault | Peer | TLS | Row | Detail | Ends |\n|---|---|---|---|---|---|\n";

/// The lines of the table.
pub(crate) fn rows<P: Peer>(cases: &[Case<P>]) -> String {
    let mut rows = String::new();
    for case in cases {
        let tls: Vec<_> = case.tls.iter().map(|tls| tls.name()).collect();
        let (by, why) = case.row.close;
        let says = case.row.says.join(" … ").replace('|', "\\|");
        let cells = [
            case.fault,
            case.peer.name(),
            &tls.join(", "),
            &shown(&case.row),
            &says,
            &format!("{by}, `{why}`"),
        ];
        // Writing to a string does not fail.
        let _ = writeln!(rows, "| {} |", cells.join(" | "));
    }
    rows
}

fn shown(row: &Row) -> String {
    let mut words = Vec::new();
    words.extend(row.reason.map(|reason| format!("`{reason}`")));
    words.extend(row.category.map(|category| format!("`{category}`")));
    if row.outcome == "ok" {
        words.push("`ok`".to_owned());
        words.extend(row.verify_result.map(|result| format!("`verify_result` `{result}`")));
    }
    words.extend(row.alert.map(|(alert, from)| format!("alert `{alert}` from the {from}")));
    words.join(", ")
}

/// Compares the page with the data, or writes it.
pub(crate) fn compare(inbound: &str, outbound: &str) {
    let due = format!(
        "{HEAD}\n## With the upstream (side `out`)\n\n{COLUMNS}{outbound}\n## With the client (side `in`)\n\n\
         {COLUMNS}{inbound}"
    );
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(PATH, due).unwrap();
        return;
    }
    let found = fs::read_to_string(PATH).unwrap_or_default();
    for (found, due) in found.lines().zip(due.lines()) {
        assert_eq!(found, due, "docs/tls-failures.md is of other cases: UPDATE_DOCS=1 writes it");
    }
    assert_eq!(found, due);
}
