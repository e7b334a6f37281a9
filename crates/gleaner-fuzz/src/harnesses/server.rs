//! A server on this computer whose replies an input decides.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
};

/// The server of all harnesses.
pub(super) static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

/// The statuses that three bits choose from.
pub(super) const STATUSES: [u16; 8] = [200, 404, 401, 403, 409, 422, 429, 500];

/// The reply to requests whose address ends in some text.
pub(super) struct Reply {
    pub(super) end: &'static str,
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

#[derive(Default)]
struct State {
    replies: Vec<Reply>,
    /// The addresses that were asked for.
    asked: Vec<String>,
}

/// A server that runs as long as the process.
pub(super) struct Server {
    /// Without a slash at the end.
    pub(super) address: String,
    state: Arc<Mutex<State>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("bound"));
        let state: Arc<Mutex<State>> = Arc::default();
        let served = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Errors of clients that disconnect are ignored.
                answer(&stream, &served).ok();
            }
        });
        Self { address, state }
    }

    /// The body of a reply: an input with the address of this server in place of `@`. One that may have the address of
    /// another server is refused, so that none is asked.
    pub(super) fn body(&self, input: &[u8]) -> Result<Vec<u8>, String> {
        if String::from_utf8_lossy(input).to_ascii_lowercase().contains("http") {
            return Err("the address of another server".to_owned());
        }
        Ok(match std::str::from_utf8(input) {
            Ok(text) => text.replace('@', &self.address).into_bytes(),
            Err(_) => input.to_vec(),
        })
    }

    /// Sets the replies, of which the first that fits an address is given, and forgets what was asked for. Where none
    /// fits, files are missing and everything else succeeds.
    pub(super) fn reply(&self, replies: Vec<Reply>) {
        *lock(&self.state) = State { replies, asked: Vec::new() };
    }

    /// The addresses that were asked for.
    pub(super) fn asked(&self) -> Vec<String> {
        lock(&self.state).asked.clone()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let address = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().unwrap_or(0);
        }
    }
    io::copy(&mut reader.take(length), &mut io::sink())?;
    let (status, body) = {
        let mut state = lock(state);
        let fitting = state.replies.iter().find(|reply| address.ends_with(reply.end));
        let reply = fitting.map(|reply| (reply.status, reply.body.clone()));
        let usual = if address.contains("/resolve/") { 404 } else { 200 };
        state.asked.push(address);
        reply.unwrap_or((usual, Vec::new()))
    };
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-length: {}\r\netag: \"e\"\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(&body)
}
