//! What speaks behind the connection: HTTP/2, HTTP/1, banners.

use bytes::Bytes;
use tokio::net::TcpStream;

use super::super::support::upstream::{echo_paths, refusing};
use super::super::support::{Peer, ServerTls, Upstream, h2};
use super::{Probed, run};

/// `:status: 503` as a literal by name (RFC 7541 §6.2.2).
const STATUS_503: &[(&str, &str)] = &[(":status", "503")];

fn h2_only() -> ServerTls {
    ServerTls::alpn(&["h2"])
}

fn localhost<T>(upstream: &Upstream<T>) -> String {
    format!("localhost:{}", upstream.address.port())
}

/// An HTTP/2 server from a library, answering every request with 204; gives its address.
fn library_server() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    listener.set_nonblocking(true).unwrap();
    let serve = async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (socket, _) = listener.accept().await.unwrap();
            tokio::spawn(answer_all(socket));
        }
    };
    std::thread::spawn(|| {
        let builder = &mut tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(serve);
    });
    address
}

async fn answer_all(socket: TcpStream) -> Result<(), ::h2::Error> {
    let mut builder = ::h2::server::Builder::new();
    builder.max_concurrent_streams(7).initial_connection_window_size(1_000_000);
    let mut connection = builder.handshake::<_, Bytes>(socket).await?;
    while let Some(request) = connection.accept().await {
        let response = ::http::Response::builder().status(204).body(()).unwrap();
        request?.1.send_response(response, true)?;
    }
    Ok(())
}

#[test]
fn settings_and_ping_of_an_http2_server() {
    let probed = Probed::new(&[&library_server()]);
    let application = probed.is_healthy().application();
    assert_eq!(application["protocol"], "http2");
    let http2 = &application["http2"];
    let wanted = serde_json::json!({"setting": "MAX_CONCURRENT_STREAMS", "value": 7});
    assert!(http2["settings"].as_array().unwrap().contains(&wanted), "{http2:#}");
    assert_eq!(http2["window"], 1_000_000);
    assert!(http2["ping_rtt_ms"].is_number() && http2["settings_ms"].is_number());
    assert_eq!(application["response"], serde_json::Value::Null);
}

#[test]
fn a_request_goes_out_only_when_asked_for() {
    let probed = Probed::new(&[&library_server(), "--http"]);
    assert_eq!(probed.is_healthy().application()["response"]["status"], 204);

    let upstream = Upstream::start(echo_paths);
    let probed = Probed::new(&[&localhost(&upstream), "--http", "--plaintext"]);
    assert_eq!(probed.is_healthy().application()["response"]["status"], 200);

    let tls = Upstream::tls(ServerTls::alpn(&["http/1.1"]), echo_paths);
    let probed = Probed::new(&[&localhost(&tls), "--http"]);
    assert_eq!(probed.is_healthy().application()["response"]["status"], 200);
}

#[test]
fn http2_over_tls_is_opened_and_left_orderly() {
    let upstream = Upstream::tls(h2_only(), |mut peer: Peer| {
        let mut frames = Vec::new();
        // The second handshake only asks for the version.
        let Some(preface) = peer.try_read_exact(h2::PREFACE.len()) else { return frames };
        assert_eq!(preface, h2::PREFACE);
        peer.write(h2::settings(&[(h2::MAX_FRAME_SIZE, 32_768), (0x0bad, 1)]));
        peer.write(h2::ping(*b"are-you?", false));
        while let Some(frame) = peer.try_read_frame() {
            if frame.kind == h2::PING && frame.flags == 0 {
                peer.write(h2::frame(h2::PING, h2::ACK, 0, &frame.payload));
            }
            frames.push((frame.kind, frame.flags, frame.stream));
        }
        frames
    });
    let probed = Probed::new(&[&localhost(&upstream)]);
    let settings = &probed.is_healthy().application()["http2"]["settings"];
    assert_eq!(settings[0], serde_json::json!({"setting": "MAX_FRAME_SIZE", "value": 32_768}));
    assert_eq!(settings[1], serde_json::json!({"setting": "0x0bad", "value": 1}));
    let mut frames = upstream.result().unwrap();
    assert_eq!(frames.first(), Some(&(h2::SETTINGS, 0, 0)));
    assert_eq!(frames.pop(), Some((h2::GOAWAY, 0, 0)));
    for answered in [(h2::SETTINGS, h2::ACK, 0), (h2::PING, h2::ACK, 0), (h2::PING, 0, 0)] {
        assert!(frames.contains(&answered), "{frames:?}");
    }
    assert!(frames.iter().all(|(_, _, stream)| *stream == 0), "{frames:?}");
}

#[test]
fn settings_that_do_not_wait_for_a_preface_are_no_banner() {
    let upstream = Upstream::start(|mut peer: Peer| {
        peer.write(h2::settings(&[]));
        peer.read_exact(h2::PREFACE.len());
        peer.next_ping();
        peer.read_end();
    });
    let probed = Probed::new(&[&localhost(&upstream), "--plaintext"]);
    let application = probed.is_healthy().application();
    assert_eq!(application["protocol"], "http2");
    assert_eq!(application["greeting"], serde_json::Value::Null);
}

#[test]
fn an_http2_upstream_that_is_not_well() {
    type Script = fn(&mut Peer);
    let table: [(&[&str], &str, Script); 5] = [
        (&[], "it sent GOAWAY ENHANCE_YOUR_CALM \"go away\" before any request", |peer| {
            peer.h2_accept(&[]);
            peer.write(h2::goaway(0, 11, "go away"));
        }),
        (&["--timeout", "3"], "it did not answer a PING", |peer| peer.h2_accept(&[])),
        (&["--timeout", "3"], "it agreed on h2, sent no SETTINGS and said nothing", |_| {}),
        (&[], "it agreed on h2 and answered with an HTTP/1.1 response", |peer| {
            peer.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        }),
        (&["--http"], "it answered GET / with 503", |peer| {
            peer.h2_accept(&[]);
            peer.next_ping();
            peer.write(h2::headers(1, STATUS_503, true));
        }),
    ];
    for (arguments, reason, script) in table {
        let upstream = Upstream::tls(h2_only(), move |mut peer: Peer| {
            // The other handshakes only ask for the version.
            if peer.alpn().is_some() {
                script(&mut peer);
            }
            peer.read_end();
        });
        let address = localhost(&upstream);
        Probed::new(&[&[address.as_str()], arguments].concat()).is_not_healthy(reason);
    }
}

#[test]
fn who_speaks_first_is_quoted() {
    let upstream = Upstream::start(|mut peer: Peer| {
        peer.write("220 mail.test ESMTP\r\n");
        peer.read_end();
    });
    let probed = Probed::new(&[&localhost(&upstream)]);
    let application = probed.is_healthy().application();
    assert_eq!(application["protocol"], "other");
    assert_eq!(application["greeting"], "printable text '220 mail.test ESMTP'");
}

#[test]
fn nothing_that_a_terminal_would_obey_is_printed() {
    let upstream = Upstream::start(|mut peer: Peer| {
        peer.h2_accept(&[]);
        peer.write(h2::goaway(0, 0, "gone\u{1b}[31m\u{9b}2J\u{202e}\r\n\u{7f}healthy"));
        peer.read_end();
    });
    let address = localhost(&upstream);
    for arguments in [&[&*address, "--plaintext"][..], &[&*address, "--plaintext", "--json"]] {
        let (finished, _directory) = run(arguments);
        assert!(finished.stdout.contains("gone"), "{}", finished.stdout);
        let raw = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
        assert!(!finished.stdout.contains(raw), "{:?}", finished.stdout);
        assert!(!finished.stdout.lines().any(|line| line.starts_with("healthy")));
    }
}

#[test]
fn an_upstream_that_hangs_up_or_is_not_there() {
    let upstream = Upstream::start(drop::<Peer>);
    Probed::new(&[&localhost(&upstream), "--plaintext"])
        .is_not_healthy("it accepted the connection and closed it without a word");

    let nobody = Probed::new(&[&refusing().to_string()]);
    nobody.is_not_healthy("refused the connection");
    assert_eq!(nobody.address()["connect"]["outcome"], "refused");
    assert_eq!(nobody.tls(), &serde_json::Value::Null);

    let nowhere = Probed::new(&["nobody.invalid:443"]);
    nowhere.is_not_healthy("nobody.invalid cannot be resolved");
    assert_eq!(nowhere.report["resolve"]["outcome"], "fail");
}

#[test]
fn the_text_is_short_and_ends_with_the_verdict() {
    let upstream = Upstream::tls(h2_only(), |mut peer: Peer| {
        peer.h2_accept(&[]);
        peer.next_ping();
        peer.read_end();
    });
    let (finished, _directory) = run(&[&localhost(&upstream)]);
    let text = &finished.stdout;
    assert_eq!(finished.status.code(), Some(0), "{text}");
    assert!(text.ends_with("\nhealthy\n"), "{text}");
    for line in [
        "probe       localhost:",
        "alpn        h2 (offered: h2, http/1.1)\n",
        "verify      ok, by the system's authorities\n",
        "chain       0 CN=server, EC P-256, until ",
        "names DNS:localhost, IP:127.0.0.1, IP:::1\n",
        "versions    TLSv1.2 yes, TLSv1.3 yes\n",
        "http/2      SETTINGS without parameters, after ",
        "PING answered in ",
    ] {
        assert!(text.contains(line), "{line:?} is not in\n{text}");
    }
    assert!(text.lines().count() < 20, "{text}");

    let (finished, _directory) = run(&[&refusing().to_string()]);
    assert_eq!(finished.status.code(), Some(3));
    let last = finished.stdout.lines().last().unwrap();
    assert!(last.starts_with("not healthy: 127.0.0.1:"), "{last}");
}
