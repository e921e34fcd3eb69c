//! The invariants of the rewriter, as a function that a fuzzer and the tests call.
//!
//! However the bytes are cut, the result is the same; nothing stays held; and little is held before.

use analysis::session::Application;
use wire::http1::MAX_HEAD;

use super::{Rewrite, http2};

/// Rewrites a client's bytes whole, byte by byte and in sevens, under each protocol.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    for application in
        [Application::Http1, Application::Http2, Application::Raw, Application::Unknown]
    {
        let whole = rewritten(application, data, usize::MAX);
        for piece in [1, 7] {
            let cut = rewritten(application, data, piece);
            assert!(whole == cut, "{application:?}, cut into pieces of {piece}");
        }
        if application == Application::Raw {
            assert!(whole == data, "raw bytes were changed");
        }
    }
}

/// What becomes of a client's bytes that come in pieces of at most `piece` bytes.
pub(super) fn rewritten(application: Application, data: &[u8], piece: usize) -> Vec<u8> {
    let mut rewrite = Rewrite::new("example.org", application);
    let mut out = Vec::new();
    for chunk in data.chunks(piece) {
        rewrite.feed(chunk, &mut out);
        assert!(rewrite.held().len() <= MAX_HEAD.max(http2::MAX_BLOCK), "too much is held");
    }
    rewrite.finish(&mut out);
    assert!(rewrite.held().is_empty(), "something stayed behind");
    out
}
