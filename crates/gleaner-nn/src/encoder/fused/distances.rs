//! The vectors of distances between pieces (He et al. 2021, DeBERTa): the queries and keys of normalised embeddings,
//! with the weights of each layer.

use super::{
    Layer, Pass, site,
    workspace::{Normed, Rows},
};
use crate::{
    Grads,
    kernels::{
        attention::Relative,
        matmul::{self, Accumulate, Product},
        rows::{add, add_all, column_sums, drop_from},
    },
};

/// The distances of one batch, which all layers share.
pub(super) struct Distances {
    /// The row of every distance among those in use.
    table: Vec<usize>,
    /// The rows of the embeddings in use.
    first: usize,
    count: usize,
    kept: Normed,
    normalised: Rows,
    d_normalised: Rows,
    /// The input of a layer's products, and its gradient.
    input: Rows,
    d_input: Rows,
}

impl Distances {
    pub(super) fn new(hidden: usize) -> Self {
        let rows = || Rows::new(hidden);
        Self {
            table: Vec::new(),
            first: 0,
            count: 0,
            kept: Normed::new(hidden),
            normalised: rows(),
            d_normalised: rows(),
            input: rows(),
            d_input: rows(),
        }
    }

    /// The vectors in use, given the keys and queries of a layer, or `None` if positions are not relative.
    pub(super) fn vectors<'a>(&'a self, [keys, queries]: &'a [Rows; 2]) -> Option<Relative<'a>> {
        let Self { count, table, .. } = self;
        (*count > 0).then(|| Relative {
            keys: keys.get(*count),
            queries: queries.get(*count),
            rows: table,
        })
    }

    /// Zeros for the gradients of the vectors in use.
    pub(super) fn zeros<'a>(&self, d_vectors: &'a mut [Rows; 2]) -> [&'a mut [f32]; 2] {
        d_vectors.each_mut().map(|d| {
            let d = d.get_mut(self.count);
            d.fill(0.0);
            d
        })
    }

    /// Starts the sums of [`Pass::distance_backward`].
    pub(super) fn clear(&mut self) {
        self.d_normalised.get_mut(self.count).fill(0.0);
    }
}

impl Pass<'_> {
    /// Normalises the embeddings of the distances that occur in the batch.
    pub(super) fn embed_distances(&self, distances: &mut Distances) {
        let (Some((embeddings, norm)), Some(relative)) =
            (self.layout.distances, &self.config.relative)
        else {
            return;
        };
        let table = relative.table(self.packed.lengths().max().unwrap_or(0));
        let (first, last) = (table[0], table[table.len() - 1]);
        let count = last + 1 - first;
        let h = self.config.hidden_size;
        let x = &self.values[embeddings][first * h..][..count * h];
        distances.kept.normalise(self.norm(norm), x, distances.normalised.get_mut(count));
        distances.table = table.into_iter().map(|row| row - first).collect();
        (distances.first, distances.count) = (first, count);
    }

    /// The keys and queries of distances in one layer.
    pub(super) fn distance_vectors(
        &self,
        layer: &Layer,
        vectors: &mut [Rows; 2],
        distances: &mut Distances,
    ) {
        let count = distances.count;
        if count == 0 {
            return;
        }
        let x = matmul::rows(self.distance_input(layer.depth, distances), self.config.hidden_size);
        let outputs = [layer.key, layer.query].into_iter().zip(vectors);
        let products = outputs.map(|(linear, rows)| {
            let bias = Accumulate::Row(&self.values[linear.bias]);
            Product::of(rows.get_mut(count), bias, x, self.weight(linear).transpose())
        });
        self.precision.multiply_all(products.collect());
    }

    /// Adds the gradients of a layer's weights and of the normalised embeddings, given those of the keys and queries of
    /// distances.
    pub(super) fn distance_backward(
        &self,
        layer: &Layer,
        [d_keys, d_queries]: &[Rows; 2],
        distances: &mut Distances,
        grads: &mut Grads,
    ) {
        let (h, count) = (self.config.hidden_size, distances.count);
        if count == 0 {
            return;
        }
        self.distance_input(layer.depth, distances);
        let Distances { first, input, d_input, d_normalised, .. } = distances;
        let (d_keys, d_queries) = (d_keys.get(count), d_queries.get(count));
        for (linear, d) in [(layer.key, d_keys), (layer.query, d_queries)] {
            grads.add(linear.bias, &column_sums(d, h));
        }
        let x = matmul::rows(input.get(count), h);
        let (d_keys, d_queries) = (matmul::rows(d_keys, h), matmul::rows(d_queries, h));
        let d_input = d_input.get_mut(count);
        let terms = vec![(d_keys, self.weight(layer.key)), (d_queries, self.weight(layer.query))];
        let mut products = vec![Product { c: d_input, accumulate: Accumulate::Zero, terms }];
        products.extend(
            grads.outer([(layer.key.weight, d_keys, x), (layer.query.weight, d_queries, x)]),
        );
        self.precision.multiply_all(products);
        if let Some(mask) = self.mask(layer.depth, site::DISTANCES) {
            drop_from(d_input, mask, (*first * h) as u32);
        }
        add_all(d_normalised.get_mut(count), d_input);
    }

    /// Adds the gradients of the embeddings of distances, after those of all layers.
    pub(super) fn embed_distances_backward(&self, distances: &mut Distances, grads: &mut Grads) {
        let Some((embeddings, norm)) = self.layout.distances else { return };
        let h = self.config.hidden_size;
        let Distances { first, count, kept, d_normalised, d_input, .. } = distances;
        let d = d_normalised.get_mut(*count);
        self.norm_backward(norm, kept, d, d_input.get_mut(*count), grads);
        let sums = grads.get_mut(embeddings);
        if let Some(sums) = sums.get_mut(*first * h..(*first + *count) * h) {
            add(sums, d);
        }
    }

    /// The input of a layer's products: normalised embeddings with dropout.
    fn distance_input<'a>(&self, depth: usize, distances: &'a mut Distances) -> &'a [f32] {
        let Distances { first, count, normalised, input, .. } = distances;
        let x = input.get_mut(*count);
        x.copy_from_slice(normalised.get(*count));
        if let Some(mask) = self.mask(depth, site::DISTANCES) {
            drop_from(x, mask, (*first * self.config.hidden_size) as u32);
        }
        input.get(*count)
    }
}
