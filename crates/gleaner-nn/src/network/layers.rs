//! Layers of the encoder that fine-tuning treats differently.

use super::Network;
use crate::{encoder::Depth, rng::Stream};
use rayon::prelude::*;

impl Network {
    /// Gives lower layers of the encoder lower learning rates (Howard and Ruder 2018, section 3.2). The rate of layer l
    /// of L, counted from 0, is multiplied by `decay`^(L − 1 − l), and that of the embeddings by `decay`^L. Call it
    /// after [`Network::activate`].
    pub fn decay_rates_by_layer(&mut self, decay: f64) {
        let layers = self.encoder.config.num_hidden_layers;
        self.params.scale_rates(|name| {
            let above = match Depth::of(name) {
                Some(Depth::Embeddings) => layers,
                Some(Depth::Layer(layer)) => layers - 1 - layer,
                Some(Depth::Top) | None => 0,
            };
            decay.powi(above as i32)
        });
    }

    /// Gives the top `layers` layers of the encoder the values of new ones (Zhang et al. 2021, section 5): normally
    /// distributed weights with the standard deviation `initializer_range` of the configuration, biases of 0, and
    /// normalisations that only normalise. `seed` determines the weights.
    ///
    /// # Panics
    /// The encoder has fewer layers.
    pub fn reset_layers(&mut self, layers: usize, seed: u64) {
        let all = &self.encoder.layout.layers;
        let spread = self.encoder.config.initializer_range;
        let stream = Stream::new(seed).named("reset");
        let params = &mut self.params;
        for layer in &all[all.len() - layers..] {
            for linear in layer.projections() {
                let stream = stream.named(params.name(linear.weight));
                params.update(linear.weight, |weight| {
                    let all = weight.par_iter_mut().enumerate();
                    all.for_each(|(i, w)| *w = spread * stream.normal(i as u64));
                });
                params.update(linear.bias, |bias| bias.fill(0.0));
            }
            for norm in layer.normalisations() {
                params.update(norm.weight, |weight| weight.fill(1.0));
                params.update(norm.bias, |bias| bias.fill(0.0));
            }
        }
    }
}
