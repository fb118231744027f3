/// Why a PyTorch checkpoint cannot be read.
package enum TorchError: Error, Sendable, Equatable {
    /// The file cannot be opened or mapped.
    case file(reason: String)
    /// Neither a torch ZIP archive nor anything like it; the first bytes tell.
    case notTorch(firstBytes: [UInt8])
    /// Written by torch before 1.6, or with `_use_new_zipfile_serialization=False`.
    case legacyFormat
    case archive(reason: String)
    case noPickle
    case severalPickles(names: [String])
    case byteOrder(found: String)
    case pickle(PickleError)
    case storageMissing(key: String)
    case storageSize(key: String, bytes: Int, declared: Int, elementType: String)
    /// The tensor's window leaves its storage, or has more elements than it.
    case outsideStorage(name: String, tensor: TorchTensor)
    /// Asked for as float32 but holds no floating-point numbers.
    case elementType(name: String, found: String)
}

extension TorchError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .file(let reason): "the file cannot be read: \(reason)"
        case .notTorch(let first): "not a PyTorch checkpoint: it begins with the bytes \(first)"
        case .legacyFormat:
            "a PyTorch checkpoint in the format before torch 1.6; load it and torch.save it again"
        case .archive(let reason): "the checkpoint's ZIP archive is broken: \(reason)"
        case .noPickle: "a ZIP archive without data.pkl: not a PyTorch checkpoint"
        case .severalPickles(let names): "several pickles, expected one: \(names.joined(separator: ", "))"
        case .byteOrder(let found): "byte order \"\(found)\", expected \"little\""
        case .pickle(let error): error.description
        case .storageMissing(let key): "storage \(key) is not in the archive"
        case .storageSize(let key, let bytes, let declared, let type):
            "storage \(key) has \(bytes) bytes, but \(declared) elements of \(type) are declared"
        case .outsideStorage(let name, let tensor):
            "tensor \(name) (offset \(tensor.offset), shape \(tensor.shape), strides \(tensor.strides)) "
                + "leaves its storage of \(tensor.storage.count) elements"
        case .elementType(let name, let found): "tensor \(name) is \(found), expected floating-point numbers"
        }
    }
}
