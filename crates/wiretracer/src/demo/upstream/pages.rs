//! The shop's HTTP/1.1 side.
//!
//! | request | what happens |
//! |---|---|
//! | `GET /` | a page with Content-Length |
//! | `POST /echo` | the request's content comes back |
//! | `GET /chunked` | a page in three chunks |
//! | `GET /slow` | a page, after a while |
//! | `GET /status/503` | 503 |
//! | `GET /cut` | fewer bytes than Content-Length announces, then the connection is gone |

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(200);

/// What `/cut` announces, in bytes.
const ANNOUNCED: u64 = 5000;

/// Serves one connection to its end.
pub(super) async fn serve(stream: TlsStream<TcpStream>) {
    let connection = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(answer));
    // The connection's end is told by the proxy.
    let _ = connection.await;
}

async fn answer(request: Request<Incoming>) -> Result<Response<Page>, Infallible> {
    let page = match request.uri().path() {
        "/" => Page::whole("welcome to the shop\n"),
        "/echo" => match request.into_body().collect().await {
            Ok(content) => Page::whole(content.to_bytes()),
            Err(_) => Page::whole("the request was cut\n"),
        },
        "/chunked" => Page::chunked(["tea\n", "coffee\n", "biscuits\n"]),
        "/slow" => {
            tokio::time::sleep(SLOW).await;
            Page::whole("sorry for the wait\n")
        }
        "/status/503" => return Ok(sorry(StatusCode::SERVICE_UNAVAILABLE, "closed for today\n")),
        "/cut" => Page::cut("the first page of the catalogue\n"),
        _ => return Ok(sorry(StatusCode::NOT_FOUND, "no such page\n")),
    };
    Ok(Response::new(page))
}

fn sorry(status: StatusCode, text: &'static str) -> Response<Page> {
    let mut response = Response::new(Page::whole(text));
    *response.status_mut() = status;
    response
}

/// A response's content.
#[derive(Debug)]
struct Page {
    chunks: VecDeque<Bytes>,
    /// What Content-Length says; none = chunked.
    length: Option<u64>,
    /// What comes after the chunks.
    end: End,
}

#[derive(Debug)]
enum End {
    Proper,
    /// A failure; but first everything before it must have left, which takes a turn.
    Cut {
        flushed: bool,
    },
}

impl Page {
    fn whole(text: impl Into<Bytes>) -> Self {
        let text = text.into();
        let length = Some(text.len() as u64);
        Self { chunks: VecDeque::from([text]), length, end: End::Proper }
    }

    fn chunked<const N: usize>(texts: [&'static str; N]) -> Self {
        Self { chunks: texts.map(Bytes::from).into(), length: None, end: End::Proper }
    }

    fn cut(text: &'static str) -> Self {
        let end = End::Cut { flushed: false };
        Self { chunks: VecDeque::from([text.into()]), length: Some(ANNOUNCED), end }
    }
}

impl Body for Page {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match &mut self.end {
            End::Proper => Poll::Ready(None),
            End::Cut { flushed: true } => {
                Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionAborted.into())))
            }
            End::Cut { flushed } => {
                *flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty() && matches!(self.end, End::Proper)
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map(SizeHint::with_exact).unwrap_or_default()
    }
}
