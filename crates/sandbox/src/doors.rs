//! Connections that can be cut, and a door that can be shut: a host that is down.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;

/// How many connections wait to be accepted at most.
const BACKLOG: u32 = 1024;
/// How long to wait before the address is tried again.
const AGAIN: Duration = Duration::from_millis(20);

/// The cutter of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wire(Arc<Cut>);

#[derive(Debug, Default)]
struct Cut {
    done: AtomicBool,
    /// Whoever waits for something to read.
    reader: AtomicWaker,
}

impl Wire {
    /// Ends the connection: nothing is written or read from now on.
    pub(crate) fn cut(&self) {
        self.0.done.store(true, Ordering::SeqCst);
        self.0.reader.wake();
    }

    fn check(&self) -> io::Result<()> {
        if self.0.done.load(Ordering::SeqCst) {
            return Err(io::Error::new(ErrorKind::ConnectionReset, "cut on purpose"));
        }
        Ok(())
    }
}

impl Connected<IncomingStream<'_, Doors>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.io().wire.clone()
    }
}

/// Whether a host can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// It can.
    Up,
    /// Connections are refused, as if nothing ran there.
    Refusing,
    /// Connections are taken and closed at once, as by something in front of a server that is gone.
    Dropping,
}

/// Lets a host go down and come up again. Connections that are open when it goes down are cut.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    wanted: watch::Sender<Host>,
    reached: watch::Sender<Host>,
    wires: Mutex<Vec<Weak<Cut>>>,
}

impl Doorkeeper {
    pub(crate) fn new() -> Self {
        let (wanted, reached) = (watch::Sender::new(Host::Up), watch::Sender::new(Host::Up));
        Self { wanted, reached, wires: Mutex::default() }
    }

    /// Brings the host into a state and waits until it is.
    pub(crate) async fn bring(&self, host: Host) {
        self.wanted.send_replace(host);
        if host != Host::Up {
            self.cut_all();
        }
        let mut reached = self.reached.subscribe();
        // The sender lives as long as the keeper itself.
        let _ = reached.wait_for(|reached| *reached == host).await;
        if host != Host::Up {
            // Those that came in meanwhile.
            self.cut_all();
        }
    }

    fn cut_all(&self) {
        let wires = std::mem::take(&mut *self.wires.lock().unwrap_or_else(PoisonError::into_inner));
        wires.iter().filter_map(Weak::upgrade).for_each(|cut| Wire(cut).cut());
    }

    fn watch(&self, wire: &Wire) {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        wires.retain(|wire| wire.strong_count() > 0);
        wires.push(Arc::downgrade(&wire.0));
    }
}

/// An address that a browser on this machine can open: "every address" is none.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// A TCP listener that hands out streams which can be cut, and that can be shut.
#[derive(Debug)]
pub(crate) struct Doors {
    door: Door,
    address: SocketAddr,
    keeper: Arc<Doorkeeper>,
    wanted: watch::Receiver<Host>,
}

#[derive(Debug)]
enum Door {
    Open(TcpListener),
    /// The address is kept, so that nobody else takes it, but nobody listens: the system refuses connections.
    Shut(Option<TcpSocket>),
}

impl Doors {
    /// Doors on a listener.
    ///
    /// # Errors
    /// When the listener has no address.
    pub(crate) fn new(listener: TcpListener, keeper: Arc<Doorkeeper>) -> io::Result<Self> {
        let (address, wanted) = (listener.local_addr()?, keeper.wanted.subscribe());
        Ok(Self { door: Door::Open(listener), address, keeper, wanted })
    }

    /// Opens or shuts the door as it is wanted.
    async fn obey(&mut self) -> Host {
        let host = *self.wanted.borrow_and_update();
        match (&mut self.door, host) {
            (Door::Open(_), Host::Refusing) => {
                // The old listener has to be gone before its address can be taken again.
                self.door = Door::Shut(None);
                self.door = Door::Shut(keep(self.address).ok());
            }
            (Door::Shut(kept), Host::Up | Host::Dropping) => {
                let opened = kept.take().and_then(|socket| socket.listen(BACKLOG).ok());
                self.door = Door::Open(match opened {
                    Some(listener) => listener,
                    None => listen_again(self.address).await,
                });
            }
            _ => {}
        }
        self.keeper.reached.send_replace(host);
        host
    }
}

/// Takes an address without listening on it.
fn keep(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn listen_again(address: SocketAddr) -> TcpListener {
    loop {
        if let Ok(listener) = TcpListener::bind(address).await {
            return listener;
        }
        tokio::time::sleep(AGAIN).await;
    }
}

impl Listener for Doors {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        loop {
            let host = self.obey().await;
            let Door::Open(listener) = &mut self.door else {
                // The keeper, which this holds, has the sender.
                let _ = self.wanted.changed().await;
                continue;
            };
            let (tcp, address) = tokio::select! {
                biased;
                _ = self.wanted.changed() => continue,
                accepted = Listener::accept(listener) => accepted,
            };
            if host == Host::Dropping {
                continue;
            }
            // Answers are small and clients wait for each: do not hold packets back.
            let _ = tcp.set_nodelay(true);
            let wire = Wire::default();
            self.keeper.watch(&wire);
            return (Stream { tcp, wire }, address);
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A stream that can be cut.
#[derive(Debug)]
pub(crate) struct Stream {
    tcp: TcpStream,
    wire: Wire,
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.wire.0.reader.register(context.waker());
        self.wire.check()?;
        Pin::new(&mut self.tcp).poll_read(context, into)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, from: &[u8]) -> Poll<io::Result<usize>> {
        self.wire.check()?;
        Pin::new(&mut self.tcp).poll_write(context, from)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.wire.check()?;
        Pin::new(&mut self.tcp).poll_write_vectored(context, from)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wire.check()?;
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_name_an_address_that_can_be_opened() {
        let opened = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(opened("0.0.0.0:8081"), "127.0.0.1:8081");
        assert_eq!(opened("[::]:8081"), "[::1]:8081");
        assert_eq!(opened("192.0.2.1:80"), "192.0.2.1:80");
    }
}
