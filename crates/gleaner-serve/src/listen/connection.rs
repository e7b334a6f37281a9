//! Connections: accepting them, their limits, and their end.

use super::{Listen, Stop};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    select,
    sync::{Mutex, Semaphore},
    task::JoinSet,
    time::{self, Sleep},
};

/// Most time for the headers of a request, and most time that a connection is kept without one.
const HEADERS: Duration = Duration::from_secs(30);
/// Most bytes of all headers, and most headers.
const HEADER_BYTES: usize = 64 << 10;
const HEADER_COUNT: usize = 100;
/// The pause after a connection could not be accepted, which is when there are too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// The connections of a server.
pub(super) struct Connections {
    router: Router,
    stop: Stop,
    places: Arc<Semaphore>,
    /// Most time that a client may take no byte of a reply.
    patience: Duration,
    open: Mutex<JoinSet<()>>,
}

impl Connections {
    pub(super) fn new(listen: &Listen, router: Router, stop: Stop) -> Self {
        let places = Arc::new(Semaphore::new(listen.connections));
        Self { router, stop, places, patience: listen.time_limit, open: Mutex::default() }
    }

    /// Accepts connections until the server stops.
    pub(super) async fn accept(&self, listener: TcpListener) {
        let mut open = self.open.lock().await;
        loop {
            let place = select! {
                place = Arc::clone(&self.places).acquire_owned() => place,
                () = self.stop.requested() => return,
            };
            let accepted = select! {
                accepted = listener.accept() => accepted,
                () = self.stop.requested() => return,
            };
            let Ok((stream, _)) = accepted else {
                time::sleep(PAUSE).await;
                continue;
            };
            // Replies are written in one piece, so there is nothing to wait for.
            let _ = stream.set_nodelay(true);
            let (router, stop, patience) = (self.router.clone(), self.stop.clone(), self.patience);
            open.spawn(async move {
                serve(Patient::new(stream, patience), router, &stop).await;
                drop(place);
            });
            // What has ended needs no memory.
            while open.try_join_next().is_some() {}
        }
    }

    /// Waits for the end of the connections, which finish the request that they are at; not beyond `deadline`.
    pub(super) async fn finish(&self, deadline: Instant) {
        let mut open = self.open.lock().await;
        let all = async { while open.join_next().await.is_some() {} };
        let _ = time::timeout_at(deadline.into(), all).await;
    }
}

/// Serves a connection until it ends, or its request is answered after the server was asked to stop.
async fn serve(stream: Patient, router: Router, stop: &Stop) {
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .max_headers(HEADER_COUNT)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
    );
    select! {
        _ = serving.as_mut() => return,
        () = stop.requested() => serving.as_mut().graceful_shutdown(),
    }
    // What breaks a connection concerns nobody but its client.
    let _ = serving.await;
}

/// A stream that fails where its client takes no byte for too long: it would keep its place for ever.
struct Patient {
    stream: TcpStream,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, patience, waiting: None }
    }

    /// The result of a write, or an error once it has been pending for too long.
    fn timed<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(time::sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.timed(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.timed(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
