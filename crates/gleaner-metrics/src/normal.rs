//! The quantile function of the standard normal distribution.

/// The quantile of the standard normal distribution at probability `p`, 0 < p < 1, with a relative error of about
/// 1e-16: algorithm AS 241, routine PPND16 (Wichura 1988, Applied Statistics 37(3), 477–484). ±∞ at the ends 0 and 1,
/// NaN outside of them.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    // NaN outside of 0 to 1, where the logarithm is not defined.
    let r = (-tail.ln()).sqrt();
    let magnitude = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&FAR, r - 5.0) };
    magnitude.copysign(q)
}

/// Coefficients of a numerator and of a denominator, the constant first.
type Rational = [[f64; 8]; 2];

/// The quotient of both polynomials at `x`.
fn ratio([numerator, denominator]: &Rational, x: f64) -> f64 {
    let at = |coefficients: &[f64; 8]| coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c);
    at(numerator) / at(denominator)
}

/// |p − 1/2| ≤ 0.425, in 0.180625 − (p − 1/2)².
const CENTRE: Rational = [
    [
        3.387_132_872_796_366_5,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_3e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
];

/// Tails down to e⁻²⁵, in √(−ln tail) − 1.6.
const MIDDLE: Rational = [
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
];

/// Tails beyond, in √(−ln tail) − 5.
const FAR: Rational = [
    [
        6.657_904_643_501_104,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
];

#[cfg(test)]
mod tests {
    use super::normal_quantile;

    #[test]
    fn quantiles_are_exact_in_all_three_regions() {
        // The root of erfc(−x / √2) / 2 = p, found by mpmath 1.4 with 60 digits.
        for (p, exact) in [
            (0.4, -0.253_347_103_135_799_7),
            (0.1, -1.281_551_565_544_600_4),
            (0.0750001, -1.439_530_764_501_729_7),
            (0.05, -1.644_853_626_951_472_6),
            (0.025, -1.959_963_984_540_054_3),
            (1e-5, -4.264_890_793_922_825),
            (1e-12, -7.034_483_825_301_132),
            (1e-100, -21.273_453_560_965_326),
            (5e-324, -38.467_405_617_144_344),
        ] {
            let found: f64 = normal_quantile(p);
            assert!((found - exact).abs() <= 1e-15 * exact.abs(), "{p}: {found}");
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        for p in [0.625, 0.9375, 1.0 - f64::EPSILON] {
            assert_eq!(normal_quantile(p), -normal_quantile(1.0 - p), "{p}");
        }
    }

    #[test]
    fn the_ends_are_infinite_and_other_numbers_are_no_probability() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!([-0.1, 1.1, f64::NAN].into_iter().all(|p| normal_quantile(p).is_nan()));
    }
}
