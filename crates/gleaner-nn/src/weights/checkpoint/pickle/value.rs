//! The values of a pickle, and the results of the functions that a state dict names.

use crate::weights::header::size_of;

/// Maximum length of the key of a storage in bytes. Keys are numbers; each tensor has a copy of its own.
const LONGEST_KEY: usize = 64;
/// Maximum number of dimensions of a tensor; each tensor has a copy of its own.
const MOST_DIMENSIONS: usize = 8;

/// Index of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::weights::checkpoint) struct Id(usize);

/// All values of a pickle, in the order in which they were made.
#[derive(Debug, Default)]
pub(in crate::weights::checkpoint) struct Values(Vec<Value>);

#[derive(Debug)]
pub(in crate::weights::checkpoint) enum Value {
    None,
    Bool(bool),
    Int(i128),
    Text(String),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Storage(Storage),
    Tensor(Tensor),
}

/// A class or function that a state dict names.
#[derive(Clone, Copy, Debug)]
pub(in crate::weights::checkpoint) enum Global {
    OrderedDict,
    /// `_rebuild_tensor(storage, offset, size, stride)`.
    Tensor,
    /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)`.
    TensorV2,
    /// `_rebuild_parameter(tensor, requires_grad, backward_hooks)`.
    Parameter,
    /// A storage, with its type of elements as safetensors names it.
    Storage(&'static str),
}

impl Global {
    pub(super) fn find(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor") => Self::Tensor,
            ("torch._utils", "_rebuild_tensor_v2") => Self::TensorV2,
            ("torch._utils", "_rebuild_parameter") => Self::Parameter,
            ("torch" | "torch.cuda", name) => Self::Storage(match name {
                "DoubleStorage" => "F64",
                "FloatStorage" => "F32",
                "HalfStorage" => "F16",
                "BFloat16Storage" => "BF16",
                "LongStorage" => "I64",
                "IntStorage" => "I32",
                "ShortStorage" => "I16",
                "CharStorage" => "I8",
                "ByteStorage" => "U8",
                "BoolStorage" => "BOOL",
                _ => return None,
            }),
            _ => return None,
        })
    }
}

/// The memory of one or more tensors.
#[derive(Clone, Debug)]
pub(in crate::weights::checkpoint) struct Storage {
    pub(in crate::weights::checkpoint) dtype: &'static str,
    pub(in crate::weights::checkpoint) key: String,
    /// Number of elements.
    pub(in crate::weights::checkpoint) count: usize,
}

impl Storage {
    /// Length in bytes.
    pub(in crate::weights::checkpoint) fn bytes(&self) -> Option<usize> {
        size_of(self.dtype)?.checked_mul(self.count)
    }
}

/// A view of a storage.
#[derive(Clone, Debug)]
pub(in crate::weights::checkpoint) struct Tensor {
    pub(in crate::weights::checkpoint) storage: Storage,
    /// The first element.
    pub(in crate::weights::checkpoint) offset: usize,
    pub(in crate::weights::checkpoint) shape: Vec<usize>,
    /// Elements from one index to the next, for every dimension.
    pub(in crate::weights::checkpoint) strides: Vec<usize>,
}

impl std::ops::Index<Id> for Values {
    type Output = Value;
    fn index(&self, id: Id) -> &Value {
        &self.0[id.0]
    }
}

impl Values {
    pub(super) fn add(&mut self, value: Value) -> Id {
        self.0.push(value);
        Id(self.0.len() - 1)
    }

    pub(super) fn get_mut(&mut self, id: Id) -> &mut Value {
        &mut self.0[id.0]
    }

    /// The storages of all tensors.
    pub(in crate::weights::checkpoint) fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.0.iter().filter_map(|value| match value {
            Value::Storage(storage) => Some(storage),
            _ => None,
        })
    }

    /// The value of a key that is text, in a dictionary.
    pub(in crate::weights::checkpoint) fn entry(&self, dict: Id, key: &str) -> Option<&Value> {
        let Value::Dict(entries) = &self[dict] else { return None };
        let is_key = |id: Id| matches!(&self[id], Value::Text(text) if text == key);
        entries.iter().rev().find(|(k, _)| is_key(*k)).map(|(_, value)| &self[*value])
    }

    /// The storage that a persistent id names: `("storage", type, key, device, elements)`, before PyTorch 1.6 with
    /// `None` at the end.
    pub(super) fn storage(&self, id: Id) -> Result<Storage, String> {
        let bad = || "a reference to something other than a storage".to_owned();
        let Value::Tuple(items) = &self[id] else { return Err(bad()) };
        let items: Vec<&Value> = items.iter().map(|id| &self[*id]).collect();
        match items[..] {
            [
                Value::Text(kind),
                Value::Global(Global::Storage(dtype)),
                Value::Text(key),
                Value::Text(_),
                Value::Int(count),
                ref rest @ ..,
            ] if kind == "storage" && matches!(rest, [] | [Value::None]) => {
                if key.len() > LONGEST_KEY {
                    return Err(format!("a storage whose key has {} bytes", key.len()));
                }
                let count = usize::try_from(*count).map_err(|_| bad())?;
                Ok(Storage { dtype, key: key.clone(), count })
            }
            _ => Err(bad()),
        }
    }

    /// The result of a function.
    pub(super) fn call(&self, function: Id, arguments: Id) -> Result<Value, String> {
        let bad = || "a call that is not part of a state dict".to_owned();
        let (Value::Global(function), Value::Tuple(arguments)) =
            (&self[function], &self[arguments])
        else {
            return Err(bad());
        };
        let arguments: Vec<&Value> = arguments.iter().map(|id| &self[*id]).collect();
        match (function, &arguments[..]) {
            (Global::OrderedDict, []) => Ok(Value::Dict(Vec::new())),
            (Global::Parameter, [Value::Tensor(tensor), _, _]) => Ok(Value::Tensor(tensor.clone())),
            (Global::Tensor, [storage, offset, shape, strides])
            | (Global::TensorV2, [storage, offset, shape, strides, _, _]) => {
                let (Value::Storage(storage), Value::Int(offset)) = (storage, offset) else {
                    return Err(bad());
                };
                let (shape, strides) = (self.sizes(shape), self.sizes(strides));
                match (usize::try_from(*offset), shape, strides) {
                    (Ok(offset), Some(shape), Some(strides)) if shape.len() == strides.len() => {
                        Ok(Value::Tensor(Tensor {
                            storage: storage.clone(),
                            offset,
                            shape,
                            strides,
                        }))
                    }
                    _ => Err(bad()),
                }
            }
            _ => Err(bad()),
        }
    }

    fn sizes(&self, value: &Value) -> Option<Vec<usize>> {
        let Value::Tuple(items) = value else { return None };
        if items.len() > MOST_DIMENSIONS {
            return None;
        }
        let size = |id: &Id| match &self[*id] {
            Value::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        };
        items.iter().map(size).collect()
    }
}
