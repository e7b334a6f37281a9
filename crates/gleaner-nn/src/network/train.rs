//! Training passes: losses and gradients.

#[cfg(feature = "composite")]
use super::composite;
use super::{Network, Pass, fused};
use crate::{
    Batch, Engine, Grads, NnError,
    crf::{CrfGradient, Supervision, add_disagreement, softmax_gradient},
    rng::Stream,
};

impl Network {
    /// Runs a training pass on the tags of the batch. Adds the gradients of `weight` × the sum of the sentences'
    /// negative log-likelihoods to `grads`. `dropout` is the random stream of this step; `None` disables dropout.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_pass(
        &self,
        batch: &Batch,
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let supervision = Supervision::of_tags(&batch.tags, &batch.labelled_offsets);
        self.train_pass_on(batch, &supervision, weight, dropout, grads)
    }

    /// Like [`Network::train_pass`], but with a supervision for each sentence instead of the tags of the batch.
    /// The gradients of a sentence are also multiplied by the weight of its supervision.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_pass_on(
        &self,
        batch: &Batch,
        supervision: &[Supervision],
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let pass = match self.engine {
            Engine::Fused => fused::train(self, batch, supervision, weight, dropout, grads)?,
            #[cfg(feature = "composite")]
            Engine::Composite => {
                composite::train(self, batch, supervision, weight, dropout, grads)?
            }
        };
        grads.complete();
        Ok(pass)
    }

    /// Runs two training passes that differ in their dropout (R-Drop, Wu et al. 2021). The loss of a sentence is the
    /// mean of both passes plus `share` / 4 × the divergences KL(p‖q) + KL(q‖p) between the softmax of their emissions,
    /// summed over positions. Other arguments and the result are those of [`Network::train_pass_on`]; the emissions are
    /// those of the first pass.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_twice(
        &self,
        batch: &Batch,
        supervision: &[Supervision],
        weight: f64,
        share: f64,
        dropout: [Stream; 2],
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let pass = match self.engine {
            Engine::Fused => {
                fused::train_twice(self, batch, supervision, weight, share, dropout, grads)?
            }
            #[cfg(feature = "composite")]
            Engine::Composite => {
                composite::train_twice(self, batch, supervision, weight, share, dropout, grads)?
            }
        };
        grads.complete();
        Ok(pass)
    }

    /// The losses of sentences in two passes, and the gradients of each pass. Arguments are those of [`Network::loss`].
    pub(super) fn loss_of_two(
        &self,
        emissions: [&[f32]; 2],
        supervision: &[Supervision],
        offsets: &[usize],
        weight: f64,
        share: f64,
    ) -> (Vec<f64>, [CrfGradient; 2]) {
        let mut gradients = emissions.map(|e| self.loss(e, supervision, offsets, weight / 2.0));
        let losses =
            add_disagreement(share, emissions, &mut gradients, supervision, offsets, weight);
        (losses, gradients)
    }

    /// Loss and gradients of sentences, from their emissions `[positions, tags]`. The labelled positions of the
    /// sentences start at `offsets`.
    pub(super) fn loss(
        &self,
        emissions: &[f32],
        supervision: &[Supervision],
        offsets: &[usize],
        weight: f64,
    ) -> CrfGradient {
        match self.head.crf {
            Some(_) => self.crf().gradient(emissions, supervision, offsets, weight),
            None => softmax_gradient(self.head.tags, emissions, supervision, offsets, weight),
        }
    }

    /// Adds the gradients of the CRF's parameters to `grads`.
    pub(super) fn add_crf(&self, loss: &CrfGradient, grads: &mut Grads) {
        if let Some(ids) = self.head.crf {
            for (id, g) in ids.into_iter().zip([&loss.start, &loss.end, &loss.transitions]) {
                grads.add(id, g);
            }
        }
    }
}
