//! Other programs: run with a bound on their time, and done without where they are missing.

use std::io::Read as _;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
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

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Finished {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let read = |mut from: Box<dyn std::io::Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes).unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let _ = (stdout.by_ref(), stderr.by_ref());
    let (stdout, stderr) = (read(Box::new(stdout)), read(Box::new(stderr)));
    let status = wait(&mut child, &format!("{command:?}"));
    Finished { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
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
