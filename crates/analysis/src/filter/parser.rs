//! Recursive descent over the grammar of the module above.

use super::error::Fault;
use super::expr::{Expr, Operator, Term, Word};
use super::fields::{Field, FieldId, HEADER};
use super::operand::operand;
use super::scanner::{Place, Raw, Scanner};
use super::suggest::suggest;
use super::{MAX_DEPTH, MAX_LENGTH};

pub(super) fn parse(source: &str) -> Result<Expr, Fault> {
    if source.len() > MAX_LENGTH {
        let message = format!("the filter is longer than {MAX_LENGTH} bytes");
        return Err(Fault::new(0..0, message));
    }
    let mut parser = Parser { source, scanner: Scanner::new(source), depth: 0 };
    parser.scanner.skip_space();
    if parser.scanner.rest().is_empty() {
        return Ok(Expr::All(Vec::new()));
    }
    let expr = parser.any()?;
    match parser.scanner.peek() {
        None => Ok(expr),
        // `any` stops only at the end or at a parenthesis.
        Some(_) => {
            let at = parser.scanner.at();
            Err(Fault::new(at..at + 1, "this parenthesis closes nothing")
                .hint("to search for it, put the text in double quotes"))
        }
    }
}

struct Parser<'a> {
    source: &'a str,
    scanner: Scanner<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.all()?];
        while self.scanner.eat_keyword("or") {
            self.scanner.skip_space();
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expr::Any))
    }

    fn all(&mut self) -> Result<Expr, Fault> {
        let mut parts = vec![self.negation()?];
        loop {
            self.scanner.skip_space();
            let mut ahead = self.scanner.clone();
            if matches!(ahead.peek(), None | Some(')')) || ahead.eat_keyword("or") {
                return Ok(one_or(parts, Expr::All));
            }
            if self.scanner.eat_keyword("and") {
                self.scanner.skip_space();
            }
            parts.push(self.negation()?);
        }
    }

    fn negation(&mut self) -> Result<Expr, Fault> {
        let at = self.scanner.at();
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message =
                format!("more than {MAX_DEPTH} parentheses and negations inside each other");
            return Err(Fault::new(at..at, message));
        }
        // `->` stands in the rows of opened connections.
        let dash = !self.scanner.rest().starts_with("->") && self.scanner.eat("-");
        let expr = if dash {
            match self.scanner.peek() {
                Some(next) if !next.is_whitespace() && next != ')' => {
                    Expr::Not(Box::new(self.negation()?))
                }
                _ => {
                    return Err(Fault::new(at..at + 1, "'-' negates what follows it immediately")
                        .hint("to search for a dash, put it in double quotes"));
                }
            }
        } else if self.scanner.eat_keyword("not") {
            self.scanner.skip_space();
            Expr::Not(Box::new(self.negation()?))
        } else {
            self.primary()?
        };
        self.depth -= 1;
        Ok(expr)
    }

    fn primary(&mut self) -> Result<Expr, Fault> {
        let at = self.scanner.at();
        match self.scanner.peek() {
            None | Some(')') => return Err(Fault::new(at..at, "a term is missing here")),
            Some('"') => return Ok(Expr::Word(Word::new(&self.scanner.word()?.text))),
            Some('(') => return self.group(),
            Some(_) => {}
        }
        if let Some(keyword) =
            ["or", "and"].into_iter().find(|keyword| self.scanner.clone().eat_keyword(keyword))
        {
            let message = format!("'{keyword}' needs a term on both sides");
            return Err(Fault::new(at..at + keyword.len(), message)
                .hint("to search for the word, put it in double quotes"));
        }
        if self.scanner.rest().starts_with("->") {
            return Ok(Expr::Word(Word::new(&self.scanner.word()?.text)));
        }
        match self.term()? {
            Some(term) => Ok(Expr::Term(term)),
            None => Ok(Expr::Word(Word::new(&self.scanner.word()?.text))),
        }
    }

    fn group(&mut self) -> Result<Expr, Fault> {
        let open = self.scanner.at();
        self.scanner.eat("(");
        self.scanner.skip_space();
        let expr = self.any()?;
        match self.scanner.eat(")") {
            true => Ok(expr),
            false => Err(Fault::new(open..open + 1, "this parenthesis is not closed")),
        }
    }

    /// A term, if what stands here is one; else nothing, and the position stays.
    fn term(&mut self) -> Result<Option<Term>, Fault> {
        let start = self.scanner.at();
        let mut ahead = self.scanner.clone();
        let name = ahead.name();
        let spaced = ahead.skip_space();
        let before_operator = ahead.at();
        if let Some((operator, span)) = ahead.operator()? {
            let field = field(name, start)?;
            check_operator(&field, operator, span)?;
            self.scanner = ahead;
            // `status >= 500` is one term, but in `client= proto=grpc` the value is missing.
            if spaced {
                self.scanner.skip_space();
            }
            let place = if operator.is_regex() { Place::Regex } else { Place::Value };
            let raw = self.scanner.value(place)?;
            let operands = vec![operand(self.source, &field, operator, &raw)?];
            return Ok(Some(Term { field, operator, operands }));
        }
        if !spaced || !ahead.eat_keyword("in") {
            return Ok(None);
        }
        ahead.skip_space();
        if !ahead.eat("(") {
            return Ok(None);
        }
        let field = field(name, start).map_err(|fault| Fault {
            hint: Some(format!("'{name} in (' begins a list of values; to search for the word 'in', put it in double quotes")),
            ..fault
        })?;
        check_operator(&field, Operator::In, before_operator..before_operator + 2)?;
        self.scanner = ahead;
        let operands = self
            .list()?
            .iter()
            .map(|raw| operand(self.source, &field, Operator::In, raw))
            .collect::<Result<_, _>>()?;
        Ok(Some(Term { field, operator: Operator::In, operands }))
    }

    /// The values of a list, after its opening parenthesis.
    fn list(&mut self) -> Result<Vec<Raw>, Fault> {
        let open = self.scanner.at() - 1;
        let mut values = Vec::new();
        loop {
            self.scanner.skip_space();
            if self.scanner.rest().is_empty() {
                return Err(Fault::new(open..open + 1, "this parenthesis is not closed"));
            }
            values.push(self.scanner.value(Place::List)?);
            self.scanner.skip_space();
            if self.scanner.eat(")") {
                return Ok(values);
            }
            if !self.scanner.eat(",") && !self.scanner.rest().is_empty() {
                let at = self.scanner.at();
                return Err(Fault::new(at..at, "a comma is missing between the values")
                    .hint("put a value with spaces in double quotes"));
            }
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.remove(0),
        _ => many(parts),
    }
}

/// The field of this name, which stands at byte `start`.
fn field(name: &str, start: usize) -> Result<Field, Fault> {
    const SEARCH: &str = "to search for this text, put it in double quotes";
    let span = start..start + name.len();
    let lower = name.to_ascii_lowercase();
    if name.is_empty() {
        return Err(
            Fault::new(start..start + 1, "an operator without a field before it").hint(SEARCH)
        );
    }
    if let Some(header) = lower.strip_prefix(HEADER) {
        return match header {
            "" => Err(Fault::new(span, "the header's name is missing")
                .hint("for example header.user-agent~grpc")),
            _ => Ok(Field::Header(header.into())),
        };
    }
    if let Some(id) = FieldId::named(&lower) {
        return Ok(Field::Known(id));
    }
    let names = || FieldId::ALL.iter().map(|id| id.name());
    Err(match suggest(&lower, names()) {
        Some(similar) => {
            let message = format!("unknown field '{name}', did you mean '{similar}'?");
            Fault::new(span, message).hint(SEARCH)
        }
        None => {
            let fields = names().collect::<Vec<_>>().join(", ");
            let hint = format!("fields: {fields}, {HEADER}NAME; {SEARCH}");
            Fault::new(span, format!("unknown field '{name}'")).hint(hint)
        }
    })
}

fn check_operator(
    field: &Field,
    operator: Operator,
    span: std::ops::Range<usize>,
) -> Result<(), Fault> {
    let kind = field.kind();
    let sign = operator.as_str();
    if operator.is_order() && !kind.is_number() {
        let message = format!("'{field}' is not a number, '{sign}' can't compare it");
        return Err(Fault::new(span, message).hint("for texts: = != ^= ~ !~ in (…)"));
    }
    let textual = operator.is_regex() || operator == Operator::Prefix;
    if textual && !kind.is_text() {
        let numbers = if kind.is_number() { " > >= < <=" } else { "" };
        return Err(Fault::new(span, format!("'{field}' is not a text, '{sign}' can't search it"))
            .hint(format!("for this field: = !={numbers} in (…)")));
    }
    Ok(())
}
