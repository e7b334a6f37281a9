//! Relative positions (He et al. 2021, DeBERTa) in burn's tensor operations.

use super::{Pass, factors, site};
use crate::{
    dense::{Dense, grid, indices},
    encoder::{
        RelativePositions,
        layout::{Layer, Linear},
    },
};
use burn::tensor::{Int, Tensor};

/// The distances of one batch.
pub(super) struct Distances {
    /// Normalised embeddings, `[rows, hidden]`.
    embeddings: Tensor<2>,
    /// Dropout indices of the embeddings.
    elements: Tensor<2, Int>,
    /// The row of the distance of a query and a key, `[1, 1, longest, longest]`.
    rows: Tensor<4, Int>,
}

impl Distances {
    pub(super) fn of(relative: &RelativePositions, dense: &Dense, embeddings: Tensor<2>) -> Self {
        let (n, device) = (dense.longest, dense.exists.device());
        let table = relative.table(n);
        let places = (0..n * n).map(|place| table[n - 1 + place / n - place % n]);
        let rows = indices(places, &device).reshape([1, 1, n, n]);
        let elements = grid(embeddings.dims(), &device);
        Self { embeddings, elements, rows }
    }
}

impl Pass<'_> {
    /// What distances add to the scores of queries and keys, `[sentences, heads, longest, width]`, before scaling.
    pub(super) fn distance_scores(
        &self,
        distances: &Distances,
        [q, k]: [Tensor<4>; 2],
        layer: &Layer,
        depth: u64,
    ) -> Tensor<4> {
        let rate = self.config.hidden_dropout_prob;
        let mut x = distances.embeddings.clone();
        if let Some(drops) = self.drops.as_ref().filter(|_| rate > 0.0) {
            let mask = drops.site(depth, site::DISTANCES).dropout(rate);
            x = x * factors(&mask, distances.elements.clone());
        }
        let [s, heads, n, width] = q.dims();
        let vectors = |linear: Linear| -> Tensor<4> {
            let rows = self.linear(x.clone(), linear);
            let count = rows.dims()[0];
            let rows: Tensor<4> = rows.reshape([1, count, heads, width]).swap_dims(1, 2);
            rows.expand([s, heads, count, width]).swap_dims(2, 3)
        };
        let rows = distances.rows.clone().expand([s, heads, n, n]);
        let of_queries = self.product(q, vectors(layer.key)).gather(3, rows.clone());
        let of_keys = self.product(k, vectors(layer.query)).gather(3, rows.swap_dims(2, 3));
        of_queries + of_keys.swap_dims(2, 3)
    }
}
