//! Files of weights that are made to harm: each is refused, and the message says why.

use super::*;

/// A file with this header, whose length is stated as it is, and data of `data` bytes.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

fn tensor(name: &str, dtype: &str, shape: &str, place: &str) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{place}}}"#)
}

fn error(bytes: &[u8]) -> String {
    WeightFile::from_bytes("m", bytes).err().expect("refused").to_string()
}

#[test]
fn headers() {
    let fix = "; fetch or copy the file again";
    for (length, says) in [
        (u64::MAX, "the header is too long"),
        (1 << 63, "the header is too long"),
        (16_000_001, "the header is too long"),
        (16_000_000, "the header is not complete"),
    ] {
        let mut bytes = file("{}", 0);
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        let expected = format!("m: not a complete safetensors file ({says}){fix}");
        assert_eq!(error(&bytes), expected);
    }
    let deep = |open: &str, close: &str| open.repeat(100_000) + &close.repeat(100_000);
    let lists = deep("[", "]");
    for (header, says) in [
        (lists.clone(), "invalid type: sequence, expected the types, shapes and places of tensors"),
        (format!("{{\"w\":{lists}}}"), "tensor `w`: "),
        (
            format!("{{{}}}", tensor("w", "F32", &lists, "[0,0]")),
            "tensor `w`: invalid type: sequence, expected usize",
        ),
        (format!("{{{}", deep("\"w\":{", "}")), "tensor `w`: missing field `dtype`"),
        ("{\"w\":".to_owned(), "EOF while parsing a value"),
        ("[]".to_owned(), "invalid type: sequence"),
        ("\u{0}".to_owned(), "expected value"),
        ("{\"w\":null}".to_owned(), "tensor `w`: invalid type: null"),
    ] {
        let error = error(&file(&header, 0));
        assert!(
            error.starts_with("m: not a complete safetensors file (") && error.ends_with(fix),
            "{error}"
        );
        assert!(error.contains(says), "{error}");
    }
    // Metadata is passed over, however deep.
    let deep = format!("{{\"__metadata__\":{lists},{}}}", tensor("w", "F32", "[1]", "[0,4]"));
    assert!(WeightFile::from_bytes("m", &file(&deep, 4)).is_ok());
}

#[test]
fn tensors_of_impossible_sizes_and_places() {
    let one = tensor("v", "F32", "[1]", "[0,4]");
    for (tensors, data, says) in [
        // Huge: the product of the sizes overflows, alone or with the size of an element.
        (
            tensor("w", "F32", "[4294967296,4294967296]", "[0,0]"),
            0,
            "tensor `w`: its type, shape and place do not match",
        ),
        (
            tensor("w", "F32", "[4611686018427387904]", "[0,0]"),
            0,
            "tensor `w`: its type, shape and place do not match",
        ),
        (tensor("w", "F32", "[18446744073709551615,2,0]", "[0,0]"), 0, "do not match"),
        (tensor("w", "F32", "[18446744073709551616]", "[0,0]"), 0, "tensor `w`: invalid "),
        (tensor("w", "F32", "[-1]", "[0,0]"), 0, "tensor `w`: invalid value: integer `-1`"),
        (tensor("w", "F32", "[0.5]", "[0,0]"), 0, "tensor `w`: invalid type: floating point `0.5`"),
        (tensor("w", "F32", "[1]", "[4,0]"), 4, "do not match"),
        (tensor("w", "F32", "[1]", "[18446744073709551612,0]"), 4, "do not match"),
        (
            tensor("w", "F32", "[1]", "[18446744073709551611,18446744073709551615]"),
            4,
            "tensors overlap, or bytes",
        ),
        (
            tensor("w", "F32", "[1000000000000]", "[0,4000000000000]"),
            4,
            "4 bytes of data, expected 4000000000000",
        ),
        (tensor("w", "F33", "[1]", "[0,4]"), 4, "do not match"),
        (tensor("w", "", "[1]", "[0,4]"), 4, "do not match"),
        // Overlapping, with a gap between or behind, and the same place twice.
        (
            format!("{one},{}", tensor("w", "F32", "[1]", "[2,6]")),
            6,
            "tensors overlap, or bytes between them belong to none",
        ),
        (format!("{one},{}", tensor("w", "F32", "[1]", "[0,4]")), 4, "tensors overlap"),
        (
            format!("{one},{}", tensor("w", "F32", "[1]", "[5,9]")),
            9,
            "bytes between them belong to none",
        ),
        (one.clone(), 5, "5 bytes of data, expected 4"),
        (one.clone(), 3, "3 bytes of data, expected 4"),
        // Names and keys twice: one reader would take the first one, another one the last.
        (format!("{one},{one}"), 4, "tensor `v` occurs twice"),
        (
            r#""v":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}"#.to_owned(),
            4,
            "tensor `v`: duplicate field `dtype`",
        ),
    ] {
        let error = error(&file(&format!("{{{tensors}}}"), data));
        assert!(error.contains(says), "{error}");
    }
    // A place need not be a multiple of the size of an element.
    let odd =
        format!("{{{},{}}}", tensor("a", "U8", "[1]", "[0,1]"), tensor("w", "F32", "[1]", "[1,5]"));
    let read = WeightFile::from_bytes("m", &file(&odd, 5)).unwrap();
    assert_eq!(read.read("w", &[1]).unwrap(), [0.0]);
    assert!(
        read.read("a", &[1])
            .unwrap_err()
            .to_string()
            .contains("tensor `a`: has the type U8; convert it")
    );
}

#[test]
fn values_that_are_not_finite() {
    for (bits, shown) in [
        (0x7fc0_0000_u32, "NaN"),
        (0xffff_ffff, "NaN"),
        (0x7f80_0000, "inf"),
        (0xff80_0000, "-inf"),
    ] {
        let header = format!("{{{}}}", tensor("w", "F32", "[3,2]", "[0,24]"));
        let mut bytes = file(&header, 24);
        let at = bytes.len() - 4;
        bytes[at..].copy_from_slice(&bits.to_le_bytes());
        let read = WeightFile::from_bytes("m", &bytes).unwrap();
        let expected = format!(
            "m: tensor `w`: value 5 is {shown}; fetch the weights again, or use others: these compute no scores"
        );
        assert_eq!(read.read_finite("w", &[3, 2], 0, 1).unwrap_err().to_string(), expected);
        assert_eq!(
            read.read_finite_row("w", 2, &mut Vec::new()).unwrap_err().to_string(),
            expected
        );
        // The other rows and parts can be used.
        assert_eq!(read.read_finite("w", &[1, 2], 0, 3).unwrap(), [0.0; 2]);
        let mut row = vec![f32::NAN];
        read.read_finite_row("w", 1, &mut row).unwrap();
        assert_eq!(row[1..], [0.0; 2]);
    }
}
