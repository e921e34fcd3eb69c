//! "Did you mean …?"

/// The longest word, in characters, that is compared with the known ones.
const MAX_WORD: usize = 48;

/// The known word that `found` most likely is a slip of: one that it begins, or that begins it, or
/// one within a typing error for each three letters.
pub(super) fn suggest<'a>(
    found: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let found = found.to_ascii_lowercase();
    let length = found.chars().count();
    if !(2..=MAX_WORD).contains(&length) {
        return None;
    }
    known
        .into_iter()
        .filter_map(|word| {
            let lower = word.to_ascii_lowercase();
            // `stream_id` for `stream`, `cat` for `category`: less likely than a slip.
            let begins = lower.starts_with(&*found) || found.starts_with(&*lower);
            let errors = distance(&found, &lower);
            let allowed = (length / 3).max(1);
            (errors <= allowed || (begins && length > 2)).then_some((errors.min(MAX_WORD), word))
        })
        .min_by_key(|&(errors, _)| errors)
        .map(|(_, word)| word)
}

/// How many letters to insert, delete, replace or swap with the neighbour (optimal string
/// alignment).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    let mut previous = None;
    for (row, one) in left.chars().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        current.push(row + 1);
        for (column, &other) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(one != other);
            let mut best = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && previous == Some(other) && right[column - 1] == one {
                best = best.min(before[column - 1] + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut last, current);
        previous = Some(one);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let known = ["status", "stream", "category", "closed_by", "client", "client_ip", "h2"];
        for (found, expected) in [
            ("stauts", Some("status")),
            ("Status", Some("status")),
            ("statu", Some("status")),
            ("stream_id", Some("stream")),
            ("cat", Some("category")),
            ("klient", Some("client")),
            ("closedby", Some("closed_by")),
            ("h2_event", Some("h2")),
            ("banana", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(suggest(found, known), expected, "{found}");
        }
        assert_eq!(distance("ca", "ac"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
