//! The files of the workspace: Rust sources with their place, and what a crate depends on.

use std::fs;
use std::path::{Path, PathBuf};

/// A Rust file.
pub(crate) struct Source {
    /// Its path from the workspace's root, with `/`.
    pub(crate) path: String,
    /// What stands in it.
    pub(crate) text: String,
}

impl Source {
    /// Whether it holds nothing but tests.
    pub(crate) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| matches!(part, "tests" | "tests.rs"))
    }

    /// Its module in the library of the crate wiretracer: `["tls", "client"]` for `tls/client.rs`.
    pub(crate) fn module(&self) -> Option<Vec<&str>> {
        let path = self.path.strip_prefix("crates/wiretracer/src/")?.strip_suffix(".rs")?;
        let mut module: Vec<_> = path.split('/').collect();
        if module.last() == Some(&"mod") {
            module.pop();
        }
        Some(module)
    }
}

/// Every Rust file of the three crates and of the fuzz targets.
pub(crate) fn all() -> Vec<Source> {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["crates/wire", "crates/analysis", "crates/wiretracer", "fuzz/fuzz_targets"] {
        collect(&root, &root.join(folder), &mut sources);
    }
    assert!(sources.len() > 100, "only {} sources under {}", sources.len(), root.display());
    sources
}

/// The packages in all dependency tables of a crate's manifest.
pub(crate) fn dependencies(name: &str) -> Vec<String> {
    let path = root().join("crates").join(name).join("Cargo.toml");
    let manifest = fs::read_to_string(&path).unwrap_or_default();
    let mut inside = false;
    let mut packages = Vec::new();
    for line in manifest.lines() {
        if let Some(table) = line.strip_prefix('[') {
            inside = table.trim_end().ends_with("dependencies]");
        } else if let (true, Some((key, _))) = (inside, line.split_once(['.', ' ', '='])) {
            packages.push(key.trim_matches('"').to_owned());
        }
    }
    assert!(!packages.is_empty(), "no dependencies in {}", path.display());
    packages
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let path =
                path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            sources.push(Source { path, text });
        }
    }
}
