//! Initial values of new parameters, with the distributions of PyTorch (`nn.LSTM`, `nn.Linear`) and pytorch-crf.

use crate::rng::Stream;

/// `n` numbers, uniform between −`bound` and `bound`.
pub(crate) fn uniform(n: usize, bound: f32, stream: Stream) -> Vec<f32> {
    (0..n as u64).map(|i| (2.0 * stream.uniform(i) - 1.0) * bound).collect()
}

/// The bound of the weights and biases of `nn.LSTM` and `nn.Linear`: 1 / √n, where n is the hidden size or the
/// number of inputs.
pub(crate) fn fan_bound(n: usize) -> f32 {
    1.0 / (n as f32).sqrt()
}

/// The bound of pytorch-crf's initial scores.
pub(crate) const CRF_BOUND: f32 = 0.1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fill_the_interval_and_stay_inside() {
        let v = uniform(10_000, 0.25, Stream::new(1));
        assert!(v.iter().all(|x| x.abs() <= 0.25));
        assert!(v.iter().any(|x| *x > 0.24) && v.iter().any(|x| *x < -0.24));
        assert!(v.iter().sum::<f32>().abs() / 10_000.0 < 0.01);
    }
}
