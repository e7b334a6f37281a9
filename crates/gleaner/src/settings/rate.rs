//! The learning rate of the encoder.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Learning rate of the encoder, fixed or by its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EncoderRate {
    /// 5e-5 for a hidden size of 768, the highest rate recommended for BERT-base (Devlin et al. 2019,
    /// appendix A.3), and in inverse proportion to the width for others, as the optimal rate of Adam
    /// scales (Yang et al. 2022, "Tensor Programs V", table 3).
    ByWidth,
    /// This rate.
    Of(f64),
}

const BY_WIDTH: &str = "by-width";
/// The rate of [`EncoderRate::ByWidth`] times the width.
const RATE_TIMES_WIDTH: f64 = 5e-5 * 768.0;

impl EncoderRate {
    /// The rate for an encoder with this hidden size.
    pub fn at(self, hidden_size: usize) -> f64 {
        match self {
            Self::ByWidth => RATE_TIMES_WIDTH / hidden_size as f64,
            Self::Of(rate) => rate,
        }
    }
}

impl FromStr for EncoderRate {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            BY_WIDTH => Ok(Self::ByWidth),
            _ => s
                .parse()
                .map(Self::Of)
                .map_err(|_| format!("`{s}` is neither a number nor `{BY_WIDTH}`")),
        }
    }
}

impl Serialize for EncoderRate {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::ByWidth => to.serialize_str(BY_WIDTH),
            Self::Of(rate) => to.serialize_f64(*rate),
        }
    }
}

impl<'de> Deserialize<'de> for EncoderRate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl de::Visitor<'_> for Reader {
    type Value = EncoderRate;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a number or \"{BY_WIDTH}\"")
    }
    fn visit_f64<E>(self, rate: f64) -> Result<EncoderRate, E> {
        Ok(EncoderRate::Of(rate))
    }
    fn visit_i64<E>(self, rate: i64) -> Result<EncoderRate, E> {
        Ok(EncoderRate::Of(rate as f64))
    }
    fn visit_u64<E>(self, rate: u64) -> Result<EncoderRate, E> {
        Ok(EncoderRate::Of(rate as f64))
    }
    fn visit_str<E: de::Error>(self, word: &str) -> Result<EncoderRate, E> {
        match word {
            BY_WIDTH => Ok(EncoderRate::ByWidth),
            _ => Err(E::invalid_value(de::Unexpected::Str(word), &self)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{from_value, json, to_value};

    #[test]
    fn narrow_encoders_have_a_higher_rate() {
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(EncoderRate::ByWidth.at(768), 5e-5);
        close(EncoderRate::ByWidth.at(384), 1e-4);
        close(EncoderRate::Of(3e-5).at(384), 3e-5);
    }

    #[test]
    fn a_rate_is_a_number_or_by_width() {
        for (value, rate) in [
            (json!("by-width"), EncoderRate::ByWidth),
            (json!(3e-5), EncoderRate::Of(3e-5)),
            (json!(0.0), EncoderRate::Of(0.0)),
        ] {
            assert_eq!(to_value(rate).unwrap(), value);
            assert_eq!(from_value::<EncoderRate>(value).unwrap(), rate);
        }
        assert_eq!(from_value::<EncoderRate>(json!(0)).unwrap(), EncoderRate::Of(0.0));
        assert_eq!("by-width".parse(), Ok(EncoderRate::ByWidth));
        assert_eq!("1e-4".parse(), Ok(EncoderRate::Of(1e-4)));
        let error = from_value::<EncoderRate>(json!("wide")).unwrap_err().to_string();
        assert!(error.contains("expected a number or \"by-width\""), "{error}");
        let error = "wide".parse::<EncoderRate>().unwrap_err();
        assert!(error.contains("`wide` is neither"), "{error}");
    }
}
