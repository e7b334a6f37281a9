use super::*;
use proptest::prelude::*;

/// A pickle of protocol 2, written instruction by instruction.
#[derive(Clone, Default)]
struct Pickle(Vec<u8>);

impl Pickle {
    fn new() -> Self {
        Self(vec![0x80, 2])
    }

    fn then(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, text: &str) -> Self {
        self.then(b"X").then(&(text.len() as u32).to_le_bytes()).then(text.as_bytes())
    }

    fn global(self, module: &str, name: &str) -> Self {
        self.then(format!("c{module}\n{name}\n").as_bytes())
    }

    fn ordered_dict(self) -> Self {
        self.global("collections", "OrderedDict").then(b")R")
    }

    fn sizes(self, sizes: &[u8]) -> Self {
        sizes.iter().fold(self.then(b"("), |p, size| p.then(&[b'K', *size])).then(b"t")
    }

    /// An entry of a state dict; `end` closes the persistent id.
    fn tensor(
        self,
        name: &str,
        key: &str,
        place: [u8; 2],
        shape: &[u8],
        strides: &[u8],
        end: &[u8],
    ) -> Self {
        let [offset, count] = place;
        self.text(name)
            .global("torch._utils", "_rebuild_tensor_v2")
            .then(b"((")
            .text("storage")
            .global("torch", "FloatStorage")
            .text(key)
            .text("cpu")
            .then(&[b'K', count])
            .then(end)
            .then(&[b't', b'Q', b'K', offset])
            .sizes(shape)
            .sizes(strides)
            .then(&[0x89])
            .ordered_dict()
            .then(b"tR")
    }

    /// A state dict with the tensor `w`, `[2, 3]`, and its transposed view or other view.
    fn state_dict(shape: &[u8], strides: &[u8], offset: u8, end: &[u8]) -> Self {
        Self::new()
            .ordered_dict()
            .then(b"q\x00(")
            .tensor("w", "0", [0, 6], &[2, 3], &[3, 1], end)
            .tensor("v", "0", [offset, 6], shape, strides, end)
            .then(b"u}(")
            .text("_metadata")
            .ordered_dict()
            .then(b"ub.")
    }
}

fn floats() -> Vec<u8> {
    (0..6).flat_map(|i| (i as f32).to_le_bytes()).collect()
}

/// A zip archive as PyTorch writes it, with the method of compression 0.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for (name, bytes) in entries {
        let header = file.len() as u32;
        let length = (bytes.len() as u32).to_le_bytes();
        let fields = |out: &mut Vec<u8>| {
            out.extend([0; 12]);
            out.extend(length);
            out.extend(length);
            out.extend((name.len() as u16).to_le_bytes());
            out.extend(0u16.to_le_bytes());
        };
        file.extend(b"PK\x03\x04\0\0");
        fields(&mut file);
        file.extend(name.as_bytes());
        file.extend_from_slice(bytes);
        list.extend(b"PK\x01\x02\0\0\0\0");
        fields(&mut list);
        list.extend([0; 10]);
        list.extend(header.to_le_bytes());
        list.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&list);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([(entries.len() as u16).to_le_bytes(); 2].concat());
    file.extend((list.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0, 0]);
    file
}

fn archive_of(pickle: &Pickle) -> Vec<u8> {
    zip(&[("m/data.pkl", &pickle.0), ("m/byteorder", b"little"), ("m/data/0", &floats())])
}

fn consecutive_of(pickle: &Pickle) -> Vec<u8> {
    let magic = Pickle::new().then(&[0x8a, 10]).then(&MAGIC.to_le_bytes()[..10]).then(b".");
    let version = Pickle::new().then(b"M\xe9\x03.");
    let system = Pickle::new().then(b"}(").text("little_endian").then(b"\x88u.");
    let keys = Pickle::new().then(b"](").text("0").then(b"e.");
    let mut file = [magic.0, version.0, system.0, pickle.0.clone(), keys.0].concat();
    file.extend(6u64.to_le_bytes());
    file.extend(floats());
    file
}

/// The values of a tensor.
fn values(file: &[u8], tensor: &TensorInfo) -> Vec<f32> {
    let [start, end] = tensor.data_offsets;
    file[start..end].as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()
}

#[test]
fn tensors_of_both_layouts_are_read() {
    let new = archive_of(&Pickle::state_dict(&[2, 1], &[1, 7], 4, b""));
    let old = consecutive_of(&Pickle::state_dict(&[2, 1], &[1, 7], 4, b"N"));
    for file in [new, old] {
        let tensors = parse(&file).unwrap();
        assert_eq!(tensors.len(), 2);
        assert_eq!((tensors["w"].dtype.as_str(), &tensors["w"].shape[..]), ("F32", &[2, 3][..]));
        assert_eq!(values(&file, &tensors["w"]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        // A tensor can be a part of another one's storage.
        assert_eq!(
            (values(&file, &tensors["v"]), &tensors["v"].shape[..]),
            (vec![4.0, 5.0], &[2, 1][..])
        );
    }
}

#[test]
fn what_is_not_a_state_dict_is_refused_by_name() {
    let call = |p: Pickle| p.text("echo").then(b"\x85R.");
    let short = Pickle::state_dict(&[1], &[1], 0, b"");
    for (pickle, says) in [
        (call(Pickle::new().global("os", "system")), "`os.system`"),
        (call(Pickle::new().global("builtins", "eval")), "`builtins.eval`"),
        (call(Pickle::new().global("torch", "load")), "`torch.load`"),
        (call(Pickle::new().global("collections", "OrderedDict")), "a call that is not part"),
        (Pickle::new().then(b"(ios\nsystem\n."), "instruction INST"),
        (Pickle::new().then(b"\x95"), "instruction FRAME"),
        (Pickle::new().then(b"\xff"), "instruction 0xff"),
        (Pickle(vec![0x80, 4, b'N', b'.']), "protocol 4 instead of 2"),
        (Pickle::new().then(b"K\x01."), "not a state dict"),
        (Pickle::new().then(b"}").text("epoch").then(b"K\x01s."), "`epoch` is not a tensor"),
        (Pickle::new().then(b"}K\x01K\x01s."), "a name in the state dict is not text"),
        (Pickle::new().then(b"(."), "a value is missing"),
        (Pickle::new().then(b"h\x07."), "a value that was not stored"),
        (
            Pickle::state_dict(&[3, 2], &[1, 3], 0, b""),
            "tensor `v`: its values are not stored row by row",
        ),
        (Pickle::state_dict(&[3, 2], &[2, 1], 1, b""), "tensor `v`: it is longer than its storage"),
    ] {
        let error = parse(&archive_of(&pickle)).expect_err(says);
        assert!(error.contains(says), "{error}");
    }
    let other_order = zip(&[("data.pkl", &short.0), ("byteorder", b"big"), ("data/0", &floats())]);
    assert!(parse(&other_order).unwrap_err().contains("little-endian"));
    let absent = zip(&[("m/data.pkl", &short.0)]);
    assert!(parse(&absent).unwrap_err().contains("the archive has no m/data/0"));
    let longer = zip(&[("m/data.pkl", &short.0), ("m/data/0", &[0; 28])]);
    assert!(parse(&longer).unwrap_err().contains("another length"));
    assert!(parse(&zip(&[("m/code", b"")])).unwrap_err().contains("no data.pkl"));
    assert!(parse(b"<html>").unwrap_err().contains("neither"));
}

#[test]
fn code_that_a_pickle_could_run_is_refused_by_name() {
    // What tools that look for hostile pickles list: each runs code, reads files or opens connections when called.
    for (module, name) in [
        ("os", "system"),
        ("posix", "system"),
        ("nt", "system"),
        ("subprocess", "Popen"),
        ("builtins", "exec"),
        ("__builtin__", "eval"),
        ("builtins", "getattr"),
        ("importlib", "import_module"),
        ("runpy", "_run_code"),
        ("pty", "spawn"),
        ("socket", "create_connection"),
        ("webbrowser", "open"),
        ("torch.hub", "load"),
        ("torch", "FloatStorage.from_file"),
        ("torch._utils", "_rebuild_tensor_v3"),
        ("numpy.core.multiarray", "_reconstruct"),
        ("collections.OrderedDict", "__reduce__"),
        ("Collections", "OrderedDict"),
        ("", ""),
    ] {
        // Called, and only named.
        for rest in [&b"X\x02\0\0\0id\x85R."[..], b"."] {
            let pickle = Pickle::new().global(module, name).then(rest);
            let error = parse(&archive_of(&pickle)).unwrap_err();
            let says = format!(
                "it refers to `{module}.{name}`, which is not part of a state dict, at byte 2"
            );
            assert!(error.contains(&says), "{error}");
        }
    }
    // By other instructions, which name a function on the stack or by a number.
    for (bytes, says) in [
        (&b"X\x02\0\0\0osX\x06\0\0\0system\x93."[..], "instruction STACK_GLOBAL"),
        (b"(ios\nsystem\n.", "instruction INST"),
        (b"\x82\x01.", "instruction EXT1"),
        (b"}}o.", "instruction OBJ"),
        (b")}\x92.", "instruction NEWOBJ_EX"),
        (b"P1\n.", "instruction PERSID"),
    ] {
        let error = parse(&archive_of(&Pickle::new().then(bytes))).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn small_files_that_ask_for_much_memory_are_refused() {
    let many = |bytes: &[u8]| Pickle::new().then(&bytes.repeat(1 << 18)).then(b".");
    for bytes in [&b"N"[..], b")", b"(", b"}"] {
        let error = parse(&archive_of(&many(bytes))).unwrap_err();
        assert!(error.contains("more than 262144 instructions in a pickle"), "{error}");
    }
    let long = "x".repeat(300);
    let error = parse(&archive_of(&Pickle::new().global(&long, "f"))).unwrap_err();
    assert!(error.contains("the name of a function is too long"), "{error}");
    let with_key = |key: &str| {
        let pickle = Pickle::new().ordered_dict().then(b"(");
        pickle.tensor("w", key, [0, 6], &[2, 3], &[3, 1], b"").then(b"u.")
    };
    let error = parse(&archive_of(&with_key(&long))).unwrap_err();
    assert!(error.contains("a storage whose key has 300 bytes"), "{error}");
    let name = Pickle::new().ordered_dict().then(b"(");
    let name = name.tensor(&"w".repeat(1025), "0", [0, 6], &[2, 3], &[3, 1], b"").then(b"u.");
    let error = parse(&archive_of(&name)).unwrap_err();
    assert!(error.contains("a name of 1025 bytes in the state dict"), "{error}");
    let dimensions = Pickle::state_dict(&[1; 9], &[1; 9], 0, b"");
    let error = parse(&archive_of(&dimensions)).unwrap_err();
    assert!(error.contains("a call that is not part of a state dict"), "{error}");
    assert!(parse(&archive_of(&Pickle::state_dict(&[1; 8], &[1; 8], 0, b""))).is_ok());

    // Many tensors that share the memory of one: as many layers as wanted, in a file of one.
    let shared = |tensors: usize, length: u32| {
        let mut pickle = Pickle::new().ordered_dict().then(b"(");
        for number in 0..tensors {
            pickle = pickle
                .text(&number.to_string())
                .global("torch._utils", "_rebuild_tensor_v2")
                .then(b"((")
                .text("storage")
                .global("torch", "ByteStorage")
                .text("0")
                .text("cpu")
                .then(b"J")
                .then(&length.to_le_bytes())
                .then(b"tQK\x00J")
                .then(&length.to_le_bytes())
                .then(b"\x85K\x01\x85\x89")
                .ordered_dict()
                .then(b"tR");
        }
        let pickle = pickle.then(b"u.");
        parse(&zip(&[("m/data.pkl", &pickle.0), ("m/data/0", &vec![0; length as usize])]))
    };
    assert_eq!(shared(4, 100_000).unwrap().len(), 4);
    let error = shared(5, 100_000).unwrap_err();
    assert!(error.starts_with("its tensors share memory: 500000 bytes in a file of 10"), "{error}");

    let mut file = archive_of(&Pickle::state_dict(&[1], &[1], 0, b""));
    let end = file.len() - 22;
    file[end + 10..end + 12].copy_from_slice(&[0xff; 2]);
    let record = [&b"PK\x06\x06"[..], &[0; 28], &u64::MAX.to_le_bytes(), &[0; 8], &[0; 8]].concat();
    let locator = [&b"PK\x06\x07\0\0\0\0"[..], &(end as u64).to_le_bytes(), &[0; 4]].concat();
    file.splice(end..end, [record, locator].concat());
    let error = parse(&file).unwrap_err();
    assert!(
        error.contains("the zip archive has 18446744073709551615 entries, more than 65536"),
        "{error}"
    );
}

#[test]
fn a_compressed_archive_is_refused() {
    let mut file = archive_of(&Pickle::state_dict(&[1], &[1], 0, b""));
    let list = file.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    file[list + 10] = 8;
    let error = parse(&file).unwrap_err();
    assert!(error.contains("compressed"), "{error}");
}

#[test]
fn deeply_nested_values_need_no_deep_stack() {
    let nested = [vec![b')'], vec![0x85; 1 << 20], vec![b'.']].concat();
    assert!(parse(&archive_of(&Pickle::new().then(&nested))).is_err());
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for whole in [
        archive_of(&Pickle::state_dict(&[1], &[1], 0, b"")),
        consecutive_of(&Pickle::state_dict(&[1], &[1], 0, b"N")),
    ] {
        assert!(parse(&whole).is_ok());
        for length in 0..whole.len() {
            assert!(parse(&whole[..length]).is_err(), "{length} bytes");
        }
    }
}

proptest! {
    #[test]
    fn damaged_files_never_panic(
        old in any::<bool>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..9),
    ) {
        let mut file = match old {
            true => consecutive_of(&Pickle::state_dict(&[1], &[1], 0, b"N")),
            false => archive_of(&Pickle::state_dict(&[1], &[1], 0, b"")),
        };
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        for tensor in parse(&file).unwrap_or_default().values() {
            prop_assert!(tensor.data_offsets[0] <= tensor.data_offsets[1]);
            prop_assert!(tensor.data_offsets[1] <= file.len());
            prop_assert!(tensor.is_consistent());
        }
    }
}
