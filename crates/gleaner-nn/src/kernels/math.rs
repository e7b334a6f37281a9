//! Scalar functions that vectorise, and reductions in a fixed order.

/// Number of partial sums of a reduction: one vector of 512 bits.
pub const LANES: usize = 16;

/// `a * b + c`, with a single rounding if `FMA` is one instruction.
#[inline(always)]
pub fn mul_add<const FMA: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn horner<const FMA: bool, const N: usize>(x: f32, coefficients: [f32; N]) -> f32 {
    let mut sum = coefficients[N - 1];
    for i in (0..N - 1).rev() {
        sum = mul_add::<FMA>(sum, x, coefficients[i]);
    }
    sum
}

/// Lower limit of [`exp`]: e^x is the smallest normal number a little below it.
const EXP_MIN: f32 = -87.0;
/// Upper limit of [`exp`].
const EXP_MAX: f32 = 88.0;

/// e^x with a relative error below 2e-7, for x clamped to -87 and 88. NaN stays NaN.
#[inline(always)]
pub fn exp<const FMA: bool>(x: f32) -> f32 {
    // Adding this rounds to an integer, which ends up in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    // ln 2 in two parts; the first has so few bits that its product with n is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Minimax for (e^r - 1 - r) / r² on ±ln(2)/2.
    const P: [f32; 5] = [0.499_999_93, 0.166_665_2, 0.041_668_396, 0.008_368_786, 0.001_381_440_2];
    let x = if x < EXP_MIN { EXP_MIN } else { x };
    let x = if x > EXP_MAX { EXP_MAX } else { x };
    let shifted = mul_add::<FMA>(x, std::f32::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    let r = mul_add::<FMA>(n, -LN2_LOW, mul_add::<FMA>(n, -LN2_HIGH, x));
    let p = mul_add::<FMA>(horner::<FMA, 5>(r, P), r * r, r) + 1.0;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0f32.to_bits()));
    p * power
}

/// 1 / (1 + e^-x) with a relative error below 3e-7 for x > -87.
#[inline(always)]
pub fn sigmoid<const FMA: bool>(x: f32) -> f32 {
    1.0 / (1.0 + exp::<FMA>(-x))
}

/// tanh x with a relative error below 3e-7.
#[inline(always)]
pub fn tanh<const FMA: bool>(x: f32) -> f32 {
    /// Below this the series is accurate; above it, the quotient does not lose digits.
    const SERIES: f32 = 0.65;
    // Chebyshev fit for (tanh x / x - 1) / x².
    const P: [f32; 6] = [
        -0.333_333_34,
        0.133_332_92,
        -0.053_956_557,
        0.021_747_554,
        -0.008_276_134,
        0.002_218_369_4,
    ];
    let square = x * x;
    let near = mul_add::<FMA>(x * square, horner::<FMA, 6>(square, P), x);
    let far = (1.0 - 2.0 / (exp::<FMA>(2.0 * x.abs()) + 1.0)).copysign(x);
    if x.abs() < SERIES { near } else { far }
}

/// Φ(x) and φ(x): the standard normal distribution function and density. The relative error of Φ is below 1e-6 for
/// |x| < 4, and its absolute error is below 1.5e-7 everywhere.
///
/// Φ(-a) e^(a²/2) is smooth. It is approximated by t times a polynomial in 2t - 1, where t = 3 / (3 + a): a
/// minimax fit with a relative error of 4e-8 for a < 13.3.
#[inline(always)]
pub fn normal<const FMA: bool>(x: f32) -> (f32, f32) {
    const P: [f32; 9] = [
        0.243_027_9,
        0.169_777_4,
        0.076_673_09,
        0.015_752_41,
        -0.003_493_180_8,
        -0.002_309_852_5,
        0.000_359_184_46,
        0.000_303_831_06,
        -9.076_007e-5,
    ];
    const DENSITY: f32 = 0.398_942_3; // 1 / √(2π)
    let e = exp::<FMA>(-0.5 * x * x);
    let t = 3.0 / (3.0 + x.abs());
    let tail = horner::<FMA, 9>(mul_add::<FMA>(2.0, t, -1.0), P) * t * e;
    (if x < 0.0 { tail } else { 1.0 - tail }, DENSITY * e)
}

/// Σ f(x).
#[inline(always)]
pub fn sum(x: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = x.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane += f(v);
        }
    }
    for (lane, &v) in lanes.iter_mut().zip(rest) {
        *lane += f(v);
    }
    fold(lanes, |a, b| a + b)
}

/// Σ x y.
#[inline(always)]
pub fn dot<const FMA: bool>(x: &[f32], y: &[f32]) -> f32 {
    let ((xs, x_rest), (ys, y_rest)) = (x.as_chunks::<LANES>(), y.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (x, y) in xs.iter().zip(ys) {
        for l in 0..LANES {
            lanes[l] = mul_add::<FMA>(x[l], y[l], lanes[l]);
        }
    }
    for (lane, (&x, &y)) in lanes.iter_mut().zip(x_rest.iter().zip(y_rest)) {
        *lane = mul_add::<FMA>(x, y, *lane);
    }
    fold(lanes, |a, b| a + b)
}

/// The largest number of all chunks.
#[inline(always)]
pub fn largest(chunks: &[[f32; LANES]]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for (lane, &v) in lanes.iter_mut().zip(chunk) {
            *lane = if v > *lane { v } else { *lane };
        }
    }
    fold(lanes, |a, b| if b > a { b } else { a })
}

#[inline(always)]
fn fold(mut lanes: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut width = LANES / 2;
    while width > 0 {
        for l in 0..width {
            lanes[l] = f(lanes[l], lanes[l + width]);
        }
        width /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(from: f64, to: f64) -> impl Iterator<Item = f32> {
        (0..=200_000).map(move |i| (from + (to - from) * f64::from(i) / 200_000.0) as f32)
    }

    #[test]
    fn exp_is_accurate_and_saturates() {
        for x in steps(-87.0, 88.0) {
            let exact = f64::from(x).exp();
            for found in [exp::<true>(x), exp::<false>(x)] {
                assert!((f64::from(found) / exact - 1.0).abs() < 2e-7, "{x}: {found} {exact}");
            }
        }
        assert_eq!(exp::<true>(0.0), 1.0);
        assert!(exp::<true>(f32::NEG_INFINITY) < 2e-38);
        assert!(exp::<true>(f32::INFINITY) > 1e38);
        assert!(exp::<true>(f32::NAN).is_nan());
    }

    #[test]
    fn sigmoid_and_tanh_are_accurate_and_saturate() {
        for x in steps(-30.0, 30.0).chain(steps(-1.0, 1.0)) {
            let exact = 1.0 / (1.0 + (-f64::from(x)).exp());
            for found in [sigmoid::<true>(x), sigmoid::<false>(x)] {
                assert!((f64::from(found) / exact - 1.0).abs() < 3e-7, "{x}: {found} {exact}");
            }
            let exact = f64::from(x).tanh();
            for found in [tanh::<true>(x), tanh::<false>(x)] {
                let error = (f64::from(found) - exact).abs();
                assert!(error <= 3e-7 * exact.abs(), "{x}: {found} {exact}");
            }
        }
        for (x, s, t) in [(500.0, 1.0, 1.0), (-500.0, 0.0, -1.0)] {
            assert!((sigmoid::<true>(x) - s).abs() < 1e-37);
            assert_eq!(tanh::<true>(x), t);
        }
        assert!(sigmoid::<true>(f32::NAN).is_nan() && tanh::<true>(f32::NAN).is_nan());
    }

    /// Φ in double precision, by its series (small x) and its continued fraction (tails).
    fn reference(x: f64) -> f64 {
        let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
        let a = x.abs();
        let tail = if a < 3.0 {
            let (mut term, mut sum) = (a, a);
            for k in 1..120 {
                term *= a * a / f64::from(2 * k + 1);
                sum += term;
            }
            0.5 - density * sum
        } else {
            density / (1..200).rev().fold(a, |f, k| a + f64::from(k) / f)
        };
        if x < 0.0 { tail } else { 1.0 - tail }
    }

    #[test]
    fn normal_is_accurate_in_both_tails() {
        assert!((reference(-1.0) - 0.158_655_253_931_457).abs() < 1e-14);
        assert!((reference(-4.0) / 3.167_124_183_311_99e-5 - 1.0).abs() < 1e-12);
        for x in steps(-15.0, 15.0) {
            let exact = reference(f64::from(x));
            for (cdf, density) in [normal::<true>(x), normal::<false>(x)] {
                let error = (f64::from(cdf) - exact).abs();
                assert!(error < 1.5e-7, "{x}: {cdf} {exact}");
                assert!(x.abs() > 4.0 || error < 1e-6 * exact, "{x}: {cdf} {exact}");
                let exact = (-0.5 * f64::from(x).powi(2)).exp() / std::f64::consts::TAU.sqrt();
                assert!((f64::from(density) - exact).abs() < 1e-7, "{x}: {density} {exact}");
            }
        }
        assert!(normal::<true>(f32::NAN).0.is_nan());
    }

    #[test]
    fn reductions_equal_plain_loops_at_odd_lengths() {
        for n in [1, 15, 16, 17, 511] {
            let x: Vec<f32> = (0..n).map(|i| ((i * 37 % 101) as f32) - 50.0).collect();
            let y: Vec<f32> = (0..n).map(|i| ((i * 53 % 97) as f32) - 48.0).collect();
            assert_eq!(sum(&x, |v| v), x.iter().sum::<f32>()); // integers: exact
            let exact = x.iter().zip(&y).map(|(a, b)| a * b).sum::<f32>();
            assert_eq!(dot::<true>(&x, &y), exact);
            assert_eq!(dot::<false>(&x, &y), exact);
            let (chunks, _) = x.as_chunks::<LANES>();
            let plain = chunks.as_flattened().iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(largest(chunks), plain);
        }
    }
}
