//! The metrics over HTTP, for Prometheus (`metrics.listen`): `GET /metrics`.
//!
//! A small server of its own, apart from the traffic. It answers a bounded number of scrapers at a
//! time, each of which has a few seconds to ask. The text is made in [`exposition`].

pub mod exposition;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use analysis::metrics::Metrics;
use exposition::Exposition;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Scrapers answered at a time; others wait in the accept queue.
const CONNECTIONS: usize = 32;

/// How long a scraper may take to send its request's head, and stay silent between two requests.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long to wait after a failure to accept, which mostly means that descriptors ran out.
const BREATH: Duration = Duration::from_millis(100);

const PLAIN: &str = "text/plain; charset=utf-8";

/// Answers scrapers until the future is dropped.
pub async fn serve(listener: TcpListener, metrics: Arc<Metrics>) {
    let exposition = Arc::new(Exposition::new(metrics));
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(answer(stream, Arc::clone(&exposition)));
                }
                Err(error) => {
                    tracing::warn!("cannot accept a connection for metrics: {error}");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn answer(stream: TcpStream, exposition: Arc<Exposition>) {
    let service = service_fn(move |request| {
        let response = respond(&request, &exposition);
        async move { Ok::<_, Infallible>(response) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!("a metrics connection ended early: {error}");
    }
}

fn respond(request: &Request<Incoming>, exposition: &Exposition) -> Response<Full<Bytes>> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    let (status, header, body) = match request.uri().path() {
        "/metrics" if is_read => match exposition.text() {
            Ok(text) => (StatusCode::OK, (CONTENT_TYPE, exposition::CONTENT_TYPE), text),
            Err(error) => {
                let body = format!("the metrics cannot be shown: {error}\n");
                (StatusCode::INTERNAL_SERVER_ERROR, (CONTENT_TYPE, PLAIN), body)
            }
        },
        "/metrics" => (
            StatusCode::METHOD_NOT_ALLOWED,
            (ALLOW, "GET, HEAD"),
            "the metrics can only be read\n".to_owned(),
        ),
        _ => (
            StatusCode::NOT_FOUND,
            (CONTENT_TYPE, PLAIN),
            "there is only /metrics here\n".to_owned(),
        ),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header.0, HeaderValue::from_static(header.1));
    response
}
