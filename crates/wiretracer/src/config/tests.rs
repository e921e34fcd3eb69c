//! Texts in, mistakes or values out.

mod example;
mod files;
mod mistakes;
mod robust;
mod values;

use super::{Config, ConfigErrors, Context, resolve};

/// Resolves a text as the file `c.yaml` of the current folder.
fn read(text: &str) -> Result<Config, ConfigErrors> {
    let mut ctx = Context::new(std::path::Path::new("c.yaml"));
    let config = resolve(text.as_bytes(), &mut ctx);
    ctx.finish(config, false)
}

fn mistakes(text: &str) -> Vec<String> {
    match read(text) {
        Ok(config) => panic!("no mistake in {text}\n{config:#?}"),
        Err(errors) => errors.mistakes.iter().map(ToString::to_string).collect(),
    }
}

fn good(text: &str) -> Config {
    read(text).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// A file with one listener that has these lines below it, each one's place told beside it: they
/// begin in line 5, column 5.
fn with(lines: &str) -> String {
    let mut text = "listeners:\n  - name: a\n    listen: 127.0.0.1:9100\n".to_owned();
    let upstream = "    upstream: { addr: \"h:1\" }\n";
    text.push_str(if lines.contains("upstream:") { "    # upstream is below\n" } else { upstream });
    for line in lines.lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text
}
