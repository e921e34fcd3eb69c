//! Other programs: run with a bound on their time, and done without where they are missing.

use std::io::{Read, Write as _};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::PATIENCE;

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Whether a program is there. Without it the calling test returns; where
/// `WIRETRACER_REQUIRE_PEERS` is set it fails instead.
pub(crate) fn have(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|directory| directory.join(program).is_file());
    found || !missing(&format!("{program} is not installed"))
}

/// The Python that has this module: `WIRETRACER_TEST_PYTHON`, else `python3`. As with [`have`], the
/// calling test returns without it.
pub(crate) fn python(module: &str) -> Option<PathBuf> {
    let given = std::env::var_os("WIRETRACER_TEST_PYTHON");
    let python = given.map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let mut import = Command::new(&python);
    import.args(["-c", &format!("import {module}")]);
    let found = import.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Some(python);
    }
    missing(&format!("{} has no module {module}", python.display()));
    None
}

/// Says that a test cannot be made here; fails where it has to be.
pub(crate) fn missing(what: &str) -> bool {
    assert!(std::env::var_os("WIRETRACER_REQUIRE_PEERS").is_none(), "{what}");
    eprintln!("skipped: {what}");
    true
}

/// Whether this process may have so many files open, and with it the proxies that it starts.
pub(crate) fn may_open(files: u64) -> bool {
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= files) {
        return true;
    }
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(files), ..limit });
    raised.is_ok() || !missing(&format!("the limit of open files is below {files}"))
}

impl Finished {
    /// What it printed; fails when it failed.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        let Self { status, stdout, stderr } = self;
        assert!(status.success(), "{status}\n{stdout}\n{stderr}");
        stdout
    }
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Finished {
    run_with_input(command, b"")
}

/// Runs a program to its end, with that on its standard input.
pub(crate) fn run_with_input(command: &mut Command, input: &'static [u8]) -> Finished {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that does not read all of it has its reasons.
    thread::spawn(move || stdin.write_all(input));
    let stdout = read_all(child.stdout.take().unwrap());
    let stderr = read_all(child.stderr.take().unwrap());
    let status = wait(&mut child, &format!("{command:?}"));
    Finished { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
}

fn read_all(mut from: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for a child to end; kills it when that takes too long.
pub(crate) fn wait(child: &mut std::process::Child, what: &str) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{what} did not end");
        }
        thread::sleep(Duration::from_millis(5));
    }
}
