//! Listening for HTTP/1.1: what a router needs around it before anybody may reach it.
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use gleaner_serve::listen::{self, Listen, Stop};
//!
//! # fn main() -> Result<(), gleaner_serve::ServeError> {
//! let router = Router::new().route("/", get(|| async { "hello" }));
//! let listen = Listen::new("127.0.0.1:8080".parse().expect("an address"));
//! let stop = Stop::default(); // `stop.request()`, from any thread, ends the server
//! listen::run(&listen, router, &stop, |address| println!("listening on http://{address}/"))
//! # }
//! ```

mod connection;
mod enter;
mod guard;
mod token;

pub use token::Token;

use crate::ServeError;
use axum::{Router, extract::DefaultBodyLimit, middleware};
use connection::Connections;
use enter::Entry;
use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, runtime, sync::watch};

/// Threads that read requests and write replies. Whatever takes long runs on other threads.
const THREADS: usize = 2;

/// How long a request that is running when the server stops may still take, beyond [`Listen::time_limit`], for its
/// reply to be read.
const FAREWELL: Duration = Duration::from_secs(5);

/// Where to listen, for whom, and the limits of a request.
#[derive(Clone)]
pub struct Listen {
    /// The address. Port 0 is any free port.
    pub address: SocketAddr,
    /// The secret that every request must bring. Needed for an address that other machines can reach.
    pub token: Option<Token>,
    /// Paths that need no token: pages that say nothing, and signs of life.
    pub open: Vec<&'static str>,
    /// Names by which requests may call this server, beside `localhost` and addresses in digits. With a token, any name
    /// will do.
    pub hosts: Vec<String>,
    /// Most bytes of a request's body.
    pub body_limit: usize,
    /// Most time for a request to arrive, and as much again for its reply to be made.
    pub time_limit: Duration,
    /// Most connections at a time. Others wait to be accepted.
    pub connections: usize,
    /// Called after each request.
    pub observer: Option<Observer>,
}

/// Called after each request, on a thread that must not wait.
pub type Observer = Arc<dyn Fn(&Handled) + Send + Sync>;

/// A request that was answered.
#[derive(Clone, Debug)]
pub struct Handled {
    /// Its method, such as `POST`; `other` for one that is not of HTTP.
    pub method: &'static str,
    /// The path as the router has it, with names for variable parts; `other` where it has none.
    pub route: String,
    /// The status of its reply.
    pub status: u16,
    /// From the end of its headers to the start of its reply.
    pub time: Duration,
}

impl Listen {
    /// An address without a token and with the usual limits: 4 MiB, 100 s and 256 connections. Label Studio waits as
    /// long for predictions.
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            open: Vec::new(),
            hosts: Vec::new(),
            body_limit: 4 << 20,
            time_limit: Duration::from_secs(100),
            connections: 256,
            observer: None,
        }
    }

    /// A router behind the checks and limits of this address, as [`run`] serves it.
    pub fn guarded(&self, router: Router) -> Router {
        let entry = Arc::new(Entry::new(self));
        // The entry knows the limit of bodies; axum's own is smaller.
        let router = router.layer(DefaultBodyLimit::disable());
        router.layer(middleware::from_fn_with_state(entry, enter::enter))
    }

    /// Checks that an address that other machines can reach has a token.
    ///
    /// # Errors
    /// It has none.
    pub fn check(&self) -> Result<(), ServeError> {
        if self.token.is_none() && !self.address.ip().is_loopback() {
            return Err(ServeError::Settings(format!(
                "{}: other machines can reach this address; give a token (--token-file), or bind to 127.0.0.1",
                self.address.ip()
            )));
        }
        Ok(())
    }
}

/// A request to stop, which every clone shares.
#[derive(Clone)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Asks the server to stop: it accepts nothing more, finishes the requests that it has, and [`run`] returns.
    pub fn request(&self) {
        self.0.send_replace(true);
    }

    /// Waits for the request.
    pub async fn requested(&self) {
        // The sender is alive as long as `self`.
        let _ = self.0.subscribe().wait_for(|requested| *requested).await;
    }
}

/// Serves a router until `stop` is requested and the requests in flight have their replies. Calls `bound` with the
/// address once it listens, so that port 0 can be used.
///
/// A request must call the server by a name that is its own, which stops pages of other sites that point their name to
/// this machine (DNS rebinding), must not come from a page of another origin, and must bring the token if there is one,
/// as a bearer or as the password of basic authentication. Replies forbid browsers to load anything from elsewhere, to
/// be framed and to be guessed a type for, unless they say otherwise.
///
/// # Errors
/// The address is in use or not allowed, or is open to other machines without a token.
pub fn run(
    listen: &Listen,
    router: Router,
    stop: &Stop,
    bound: impl FnOnce(SocketAddr),
) -> Result<(), ServeError> {
    listen.check()?;
    let refused = |error| ServeError::Listen { address: listen.address, error };
    let runtime = runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("gleaner-http")
        .enable_io()
        .enable_time()
        .build()
        .map_err(refused)?;
    let router = listen.guarded(router);
    let result = runtime.block_on(async {
        let listener = TcpListener::bind(listen.address).await.map_err(refused)?;
        bound(listener.local_addr().map_err(refused)?);
        let connections = Connections::new(listen, router, stop.clone());
        connections.accept(listener).await;
        connections.finish(Instant::now() + listen.time_limit + FAREWELL).await;
        Ok::<(), ServeError>(())
    });
    runtime.shutdown_background();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_need_a_token() {
        for (address, is_open) in [
            ("127.0.0.1:0", false),
            ("127.8.8.8:0", false),
            ("[::1]:0", false),
            ("0.0.0.0:0", true),
            ("[::]:0", true),
            ("192.168.0.7:0", true),
        ] {
            let mut listen = Listen::new(address.parse().unwrap());
            assert_eq!(listen.check().is_err(), is_open, "{address}");
            listen.token = Some(Token::new("0123456789abcdef").unwrap());
            assert!(listen.check().is_ok(), "{address}");
        }
    }
}
