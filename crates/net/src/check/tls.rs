//! The step `tls`: whom the server says to be, and whether that is to be believed.

use std::time::Duration;

use model::Millis;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, Error};
use url::Url;

use super::certificate::Certificate;
use super::chain::{self, Fault, Sent};
use super::greeting::{Old, Speaks, ask_plainly, old, recognise};
use super::handshake::{Broken, Seen, handshake};
use super::line::{Stream, Way};
use super::sentences::{self, Told};
use super::{Stage, TLS};
use crate::address::host_name;
use crate::classify::tls_reason;
use crate::trust::Trust;

/// A certificate with fewer days left deserves a warning.
const SOON: Millis = 14 * 24 * 60 * 60 * 1000;

/// What the step needs to know.
pub struct Question<'a> {
    pub url: &'a Url,
    pub trust: &'a Trust,
    pub way: &'a Way,
    pub limit: Duration,
    pub now: Millis,
}

impl Question<'_> {
    /// `first`: a connection that is there already.
    pub async fn ask(&self, first: Option<Stream>) -> Stage {
        let host = host_name(self.url);
        let Some(name) = server_name(self.url) else {
            return sentences::name_not_for_tls(&host).failed(TLS);
        };
        let stream = match first {
            Some(stream) => stream,
            None => match self.way.open(self.limit).await {
                Ok(stream) => stream,
                Err(error) => return sentences::tls_line_broke(&host, &error).failed(TLS),
            },
        };
        let greeted = tokio::time::timeout(self.limit, handshake(stream, self.trust, &name, self.now)).await;
        let Ok((seen, result)) = greeted else {
            return sentences::tls_no_answer(&host).failed(TLS);
        };
        let chain: Vec<Certificate> = seen.chain.iter().filter_map(Certificate::read).collect();
        let details = sentences::certificates(&chain, seen.chain.len());
        let stage = match result {
            Ok(()) => self.passed(&host, &seen, &chain),
            Err(broken) => self.broken(&host, &name, &seen, &chain, broken).await,
        };
        stage.with_details(details)
    }

    fn passed(&self, host: &str, seen: &Seen, chain: &[Certificate]) -> Stage {
        let line = sentences::tls_line(seen.version, seen.cipher);
        if seen.wants_client_certificate && self.trust.identity().is_none() {
            return sentences::client_certificate_asked(host, &line).warning(TLS);
        }
        let Some(leaf) = chain.first() else {
            return Stage::passed(TLS, sentences::tls_passed(&line, None, self.now));
        };
        if leaf.not_after - self.now < SOON {
            return sentences::expires_soon(&leaf.title(), leaf.not_after, self.now).warning(TLS);
        }
        Stage::passed(TLS, sentences::tls_passed(&line, Some(leaf), self.now))
    }

    async fn broken(
        &self,
        host: &str,
        name: &ServerName<'static>,
        seen: &Seen,
        chain: &[Certificate],
        broken: Broken,
    ) -> Stage {
        if let Broken::Tls(Error::InvalidCertificate(error)) = &broken {
            let sent = Sent { der: &seen.chain, read: chain, name, now: self.now };
            let faults = chain::faults(error, &sent, &|subject| self.trust.knows(subject));
            return certificate_stage(host, &faults, seen);
        }
        if seen.wants_client_certificate {
            return match self.trust.identity() {
                Some(_) => sentences::client_certificate_refused(host).failed(TLS),
                None => sentences::client_certificate_wanted(host).failed(TLS),
            };
        }
        self.without_certificate(host, seen, broken).await.failed(TLS)
    }

    /// No certificate to complain about: perhaps there is no TLS here, or only an old one.
    async fn without_certificate(&self, host: &str, seen: &Seen, broken: Broken) -> Told {
        match recognise(&seen.first) {
            Speaks::Http => return sentences::not_tls(host, self.url, Speaks::Http),
            spoken @ (Speaks::Ssh | Speaks::Mail) => return sentences::not_tls(host, self.url, spoken),
            Speaks::Tls | Speaks::Unknown => {}
        }
        match self.old(&broken).await {
            Some(Old::Version(version)) => return sentences::old_protocol(host, version),
            Some(Old::Ciphers) => return sentences::old_ciphers(host),
            None => {}
        }
        match &broken {
            Broken::Tls(error) if recognise(&seen.first) == Speaks::Tls => {
                sentences::handshake_refused(host, &tls_reason(error))
            }
            _ => match self.plainly().await {
                Speaks::Unknown | Speaks::Tls if matches!(broken, Broken::Tls(_)) => {
                    sentences::not_tls(host, self.url, Speaks::Unknown)
                }
                Speaks::Unknown | Speaks::Tls => sentences::broke_off_in_handshake(host),
                spoken => sentences::not_tls(host, self.url, spoken),
            },
        }
    }

    /// Servers that know only old versions say so, refuse the handshake, or hang up.
    async fn old(&self, broken: &Broken) -> Option<Old> {
        let suspicious = match broken {
            Broken::Tls(Error::AlertReceived(alert)) => matches!(
                alert,
                AlertDescription::ProtocolVersion
                    | AlertDescription::HandshakeFailure
                    | AlertDescription::InsufficientSecurity
                    | AlertDescription::IllegalParameter
            ),
            Broken::Tls(Error::PeerIncompatible(_)) => true,
            Broken::Tls(_) => false,
            Broken::Line | Broken::Closed => true,
        };
        if !suspicious {
            return None;
        }
        let stream = self.way.open(self.limit).await.ok()?;
        tokio::time::timeout(self.limit, old(stream, self.url.domain())).await.ok()?
    }

    async fn plainly(&self) -> Speaks {
        let Ok(stream) = self.way.open(self.limit).await else {
            return Speaks::Unknown;
        };
        tokio::time::timeout(self.limit, ask_plainly(stream)).await.unwrap_or(Speaks::Unknown)
    }
}

fn certificate_stage(host: &str, faults: &[Fault], seen: &Seen) -> Stage {
    let mut told = faults.iter().map(|fault| sentences::certificate_fault(host, fault));
    let Some(first) = told.next() else {
        return sentences::handshake_refused(host, "the certificate was not accepted").failed(TLS);
    };
    let line = sentences::tls_line(seen.version, seen.cipher);
    let others = told.map(|told| sentences::also(&told));
    first.failed(TLS).with_details(others).with_details([line])
}

fn server_name(url: &Url) -> Option<ServerName<'static>> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    ServerName::try_from(host.to_owned()).ok()
}
