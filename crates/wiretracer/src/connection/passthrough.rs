//! `tls.mode: passthrough`: TLS is not ended, the bytes go through as they are.

use analysis::outcome::Cause;
use analysis::session::Application;
use tokio::net::TcpStream;

use super::opening::Opening;
use super::{Connection, Established};
use crate::io::{Prefixed, Stream};
use crate::upstream::Target;

impl Connection {
    pub(super) async fn pass_through(
        &mut self,
        client: TcpStream,
        target: Target,
    ) -> Result<Established, Cause> {
        let mut opening = Opening::new(client);
        let claim = self.proxy_claim(&mut opening, &target).await?;
        self.introduce(claim, &target);
        let connected = self.shared.dialer.connect(&target).await;
        let header = std::mem::take(&mut opening.proxy_header);
        let outbound = match self.outbound(connected, &target, &header, None, Vec::new()).await {
            Ok(outbound) => outbound,
            Err(unavailable) => return Err(unavailable.tell_plain(opening.socket).await),
        };
        Ok(Established {
            client: Stream::Plain(Prefixed::new(opening.bytes, opening.socket)),
            upstream: outbound.stream,
            application: Application::Raw,
            _own_port: outbound.own_port,
        })
    }
}
