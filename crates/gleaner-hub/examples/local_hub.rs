//! The local hub of the tests as a program, for `scripts/check-push`: prints its address and serves until standard
//! input ends.
//!
//! ```text
//! local_hub FOLDER TOKEN [BYTES OF A PART]
//! ```

use gleaner_hub::testing::TestHub;
use std::io::{Read, Write, stdin, stdout};

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(folder), Some(token)) = (args.next(), args.next()) else {
        eprintln!("usage: local_hub FOLDER TOKEN [BYTES OF A PART]");
        std::process::exit(2);
    };
    let hub = TestHub::serve(folder);
    hub.allow_writing(&token);
    if let Some(bytes) = args.next() {
        hub.in_parts_of(bytes.parse().expect("a number of bytes"));
    }
    println!("{}", hub.endpoint());
    stdout().flush().expect("standard output");
    let mut rest = Vec::new();
    stdin().read_to_end(&mut rest).expect("standard input");
}
