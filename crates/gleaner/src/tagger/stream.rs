//! Labelling a stream of sentences without holding a whole text.

use super::{Reader, Tagged, Tagger, Undecoded};
use crate::GleanerError;
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
    vec,
};

/// Number of sentences that are read and labelled together.
const CHUNK: usize = 512;

/// A sentence that a stream can label: anything that has words.
pub trait Words {
    /// The words, in order.
    fn words(&self) -> &[String];
}

impl Words for Vec<String> {
    fn words(&self) -> &[String] {
        self
    }
}

/// An iterator over labelled sentences, made by [`Tagger::stream`].
pub struct TagStream<T, E> {
    reader: Arc<dyn Reader>,
    chunks: Receiver<Chunk<T, E>>,
    network: Option<JoinHandle<()>>,
    ready: vec::IntoIter<(T, Tagged)>,
    failed: bool,
}

/// Sentences that the network has read, or the error that ended the stream.
type Chunk<T, E> = Result<(Vec<T>, Vec<Undecoded>), E>;

impl Tagger {
    /// Labels a stream of sentences, a few hundred at a time. A thread of its own reads sentences and runs the
    /// network while the caller uses the previous ones. Sentences before an error are labelled first; the error is the
    /// last item.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), gleaner::GleanerError> {
    /// use std::sync::Arc;
    ///
    /// let tagger = Arc::new(gleaner::Tagger::load("my-model")?);
    /// let sentences = ["Anna bor í Havn .", "Her er kaldt ."];
    /// let words = sentences.map(|s| Ok(s.split(' ').map(str::to_owned).collect::<Vec<_>>()));
    /// for labelled in tagger.stream::<_, gleaner::GleanerError>(words.into_iter()) {
    ///     let (words, tagged) = labelled?;
    ///     println!("{words:?} {:?}", tagged.tags);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream<T, E>(
        self: &Arc<Self>,
        sentences: impl Iterator<Item = Result<T, E>> + Send + 'static,
    ) -> TagStream<T, E>
    where
        T: Words + Send + 'static,
        E: From<GleanerError> + Send + 'static,
    {
        TagStream::new(Arc::clone(self) as _, sentences)
    }
}

impl<T: Words + Send + 'static, E: From<GleanerError> + Send + 'static> TagStream<T, E> {
    pub(crate) fn new(
        reader: Arc<dyn Reader>,
        sentences: impl Iterator<Item = Result<T, E>> + Send + 'static,
    ) -> Self {
        let (sender, chunks) = sync_channel(1);
        let of_network = Arc::clone(&reader);
        let network = thread::spawn(move || run_network(&*of_network, sentences, &sender));
        let ready = Vec::new().into_iter();
        Self { reader, chunks, network: Some(network), ready, failed: false }
    }
}

impl<T, E> Iterator for TagStream<T, E> {
    type Item = Result<(T, Tagged), E>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(labelled) = self.ready.next() {
                return Some(Ok(labelled));
            }
            if self.failed {
                // The thread is left behind: it may wait for input that never comes.
                return None;
            }
            match self.chunks.recv() {
                Ok(Ok((sentences, undecoded))) => {
                    let tagged = self.reader.decode(undecoded);
                    let labelled: Vec<_> = sentences.into_iter().zip(tagged).collect();
                    self.ready = labelled.into_iter();
                }
                Ok(Err(error)) => {
                    self.failed = true;
                    return Some(Err(error));
                }
                Err(_) => {
                    let ended = self.network.take().map(JoinHandle::join);
                    if let Some(Err(panic)) = ended {
                        resume_unwind(panic);
                    }
                    return None;
                }
            }
        }
    }
}

/// Reads chunks of sentences and runs the network over them, until the end or the first error.
fn run_network<T: Words, E: From<GleanerError>>(
    reader: &dyn Reader,
    mut sentences: impl Iterator<Item = Result<T, E>>,
    chunks: &SyncSender<Chunk<T, E>>,
) {
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut error = None;
        while chunk.len() < CHUNK && error.is_none() {
            match sentences.next() {
                Some(Ok(sentence)) => chunk.push(sentence),
                Some(Err(e)) => error = Some(e),
                None => break,
            }
        }
        let last = chunk.len() < CHUNK;
        let slices: Vec<&[String]> = chunk.iter().map(Words::words).collect();
        let run = reader.read(&slices).map_err(E::from);
        let failed = run.is_err();
        // Nobody receives once the stream is dropped.
        if chunks.send(run.map(|undecoded| (chunk, undecoded))).is_err() || failed {
            return;
        }
        if let Some(error) = error {
            let _ = chunks.send(Err(error));
        }
        if last {
            return;
        }
    }
}
