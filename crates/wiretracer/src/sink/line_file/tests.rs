//! What happens to files, on a clock that is an argument.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use tempfile::TempDir;

use super::*;

/// Where a child process finds the file that it may not fill.
const LIMITED: &str = "WIRETRACER_TEST_LIMITED_FILE";

fn lines(texts: &[&str]) -> Lines {
    let mut lines = Lines::default();
    for text in texts {
        lines.push(|line| line.write_all(text.as_bytes())).unwrap();
    }
    lines
}

/// A file in a new directory, on whose clock no time has passed.
fn scene() -> (TempDir, PathBuf, LineFile, Instant) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("records.jsonl");
    (dir, path.clone(), LineFile::new(path), Instant::now())
}

/// Appends and says how many lines were written and what there was to tell.
fn append(file: &mut LineFile, texts: &[&str], now: Instant) -> (usize, String) {
    let Appended { written, news } = file.append(&lines(texts), now);
    (written, told(news))
}

fn told(news: Option<News>) -> String {
    match news {
        None => String::new(),
        Some(News::Failed(error)) => format!("failed: {:?}", error.kind()),
        Some(News::Resumed { dropped }) => format!("resumed after {dropped}"),
    }
}

fn fine(written: usize) -> (usize, String) {
    (written, String::new())
}

#[test]
fn lines_are_appended_to_a_private_file() {
    let (_dir, path, mut file, now) = scene();
    assert_eq!(told(file.reopen(now)), "");
    assert_eq!(append(&mut file, &["a", "b"], now), fine(2));
    assert_eq!(append(&mut file, &["c"], now), fine(1));
    drop(file);
    let mut file = LineFile::new(path.clone());
    assert_eq!(append(&mut file, &["d"], now), fine(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\nb\nc\nd\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn after_half_a_line_a_new_line_begins() {
    let (_dir, path, mut file, now) = scene();
    fs::write(&path, "a\n{\"kil").unwrap();
    assert_eq!(append(&mut file, &["b"], now), fine(1));
    assert_eq!(append(&mut file, &["c"], now), fine(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n{\"kil\nb\nc\n");
}

#[test]
fn trouble_is_told_once_tried_again_each_second_and_told_when_it_is_over() {
    let (_dir, path, mut file, now) = scene();
    symlink("/dev/full", &path).unwrap();
    assert_eq!(append(&mut file, &["a", "b"], now), (0, "failed: StorageFull".to_owned()));
    assert_eq!(append(&mut file, &["c"], now + RETRY), fine(0), "still full, told already");
    fs::remove_file(&path).unwrap();
    assert_eq!(append(&mut file, &["d"], now + RETRY * 3 / 2), fine(0), "too early to try");
    assert!(!path.exists());
    assert_eq!(append(&mut file, &["e"], now + RETRY * 2), (1, "resumed after 4".to_owned()));
    assert_eq!(append(&mut file, &["f"], now + RETRY * 2), fine(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), "e\nf\n");
}

#[test]
fn a_file_that_cannot_be_opened_is_told_before_the_first_line() {
    let (dir, path, _, now) = scene();
    let mut file = LineFile::new(path.join("below"));
    assert_eq!(told(file.reopen(now)), "failed: NotFound");
    assert_eq!(append(&mut file, &["a"], now), fine(0));
    fs::create_dir(&path).unwrap();
    assert_eq!(told(file.reopen(now)), "", "it could be opened, not yet written");
    assert_eq!(append(&mut file, &["b"], now), (1, "resumed after 1".to_owned()));
    drop(dir);
}

#[test]
fn a_deleted_file_is_made_anew() {
    let (_dir, path, mut file, now) = scene();
    append(&mut file, &["a"], now);
    fs::remove_file(&path).unwrap();
    assert_eq!(append(&mut file, &["b"], now + CHECK / 2), fine(1), "not looked at yet");
    assert!(!path.exists());
    assert_eq!(append(&mut file, &["c"], now + CHECK), fine(1));
    assert_eq!(fs::read_to_string(&path).unwrap(), "c\n");
}

#[test]
fn a_rotated_file_is_left_to_who_rotated_it() {
    let (dir, path, mut file, now) = scene();
    let moved = dir.path().join("records.jsonl.1");
    append(&mut file, &["a"], now);
    fs::rename(&path, &moved).unwrap();
    fs::write(&path, "b\n").unwrap();
    assert_eq!(append(&mut file, &["c"], now + CHECK), fine(1));
    fs::rename(&path, &moved).unwrap();
    assert_eq!(told(file.reopen(now + CHECK)), "");
    assert_eq!(append(&mut file, &["d"], now + CHECK), fine(1), "asked to, it does not wait");
    assert_eq!(fs::read_to_string(&moved).unwrap(), "b\nc\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "d\n");
}

#[test]
fn a_broken_write_saves_the_lines_that_are_whole() {
    let lines = lines(&["ab", "c", ""]);
    let whole: Vec<_> = (0..=6).map(|written| lines.whole(written)).collect();
    assert_eq!(whole, [(0, 0), (0, 0), (0, 0), (1, 3), (1, 3), (2, 5), (3, 6)]);
}

#[test]
fn half_a_line_is_cut_off_unless_somebody_has_written_after_it() {
    let (_dir, path, _, now) = scene();
    let mut ours = Open::new(&path, now).unwrap();
    ours.file.write_all(b"a\nhal").unwrap();
    ours.cut_off(3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
    ours.file.write_all(b"hal").unwrap();
    Open::new(&path, now).unwrap().file.write_all(b"theirs\n").unwrap();
    ours.cut_off(3);
    assert_eq!(fs::read_to_string(&path).unwrap(), "a\nhaltheirs\n");
}

/// The process runs itself again as a child that may write 512 bytes to a file: the write that
/// reaches the limit is cut short, and the next one fails.
#[test]
fn a_file_that_fills_up_holds_whole_lines() {
    let line = "x".repeat(99);
    let texts = [line.as_str(); 20];
    if let Some(path) = std::env::var_os(LIMITED) {
        let mut file = LineFile::new(path.into());
        let now = Instant::now();
        assert_eq!(append(&mut file, &texts, now), (5, "failed: FileTooLarge".to_owned()));
        assert_eq!(append(&mut file, &["y"], now + RETRY), (1, "resumed after 15".to_owned()));
        return;
    }
    let (_dir, path, _, _) = scene();
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "sink::line_file::tests::a_file_that_fills_up_holds_whole_lines"])
        .env(LIMITED, &path)
        .output()
        .unwrap();
    assert!(child.status.success(), "{child:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("{}y\n", format!("{line}\n").repeat(5)));
}
