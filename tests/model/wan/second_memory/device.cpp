// A device of torch's with a memory of its own, made of the machine's: what works on it shows that everything was
// brought to it and back, how much lay there, and that it was let go of. It is as slow as the CPU, which does its sums.
//
// As a GPU does, it refuses to work on tensors of two places at once; numbers without dimensions may come from the
// CPU. Memory that nobody has written holds NaN.
#include <ATen/EmptyTensor.h>
#include <ATen/ATen.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <ATen/native/CPUFallback.h>
#include <ATen/ops/_reshape_alias_native.h>
#include <ATen/ops/as_strided_native.h>
#include <ATen/ops/view_native.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <torch/library.h>

#include <atomic>
#include <cstdlib>
#include <cstring>

using at::Tensor;
using c10::Device;
using c10::kPrivateUse1;

namespace {

constexpr int COUNT = 2;
constexpr size_t ALIGNED = 64;
thread_local c10::DeviceIndex current = 0;
std::atomic<int64_t> used[COUNT], peak[COUNT], most[COUNT];

struct Block {
  int64_t size;
  int device;
  void* data;
};

void drop(void* context) {
  auto* block = static_cast<Block*>(context);
  used[block->device] -= block->size;
  free(block->data);
  delete block;
}

struct Memory final : c10::Allocator {
  c10::DataPtr allocate(size_t size) override {
    const int device = current;
    if (most[device] && used[device] + static_cast<int64_t>(size) > most[device])
      C10_THROW_ERROR(OutOfMemoryError, "CUDA out of memory: the second memory of the tests is full.");
    void* data = nullptr;
    if (size && posix_memalign(&data, ALIGNED, size)) throw std::bad_alloc();
    if (size) memset(data, 0xff, size);
    const int64_t now = used[device] += size;
    int64_t before = peak[device];
    while (now > before && !peak[device].compare_exchange_weak(before, now)) {
    }
    return {data, new Block{static_cast<int64_t>(size), device, data}, &drop, Device(kPrivateUse1, device)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void* to, const void* from, size_t size) const override { memcpy(to, from, size); }
};
Memory memory;
REGISTER_ALLOCATOR(c10::DeviceType::PrivateUse1, &memory);

struct Guard final : c10::impl::DeviceGuardImplInterface {
  c10::DeviceType type() const override { return kPrivateUse1; }
  Device exchangeDevice(Device to) const override {
    const Device before = getDevice();
    setDevice(to);
    return before;
  }
  Device getDevice() const override { return {kPrivateUse1, current}; }
  void setDevice(Device to) const override { uncheckedSetDevice(to); }
  void uncheckedSetDevice(Device to) const noexcept override {
    if (to.has_index()) current = to.index();
  }
  c10::Stream getStream(Device on) const override { return c10::Stream(c10::Stream::DEFAULT, on); }
  c10::Stream getDefaultStream(Device on) const override { return c10::Stream(c10::Stream::DEFAULT, on); }
  c10::Stream exchangeStream(c10::Stream to) const override { return c10::Stream(c10::Stream::DEFAULT, to.device()); }
  c10::DeviceIndex deviceCount() const noexcept override { return COUNT; }
  void synchronizeDevice(const c10::DeviceIndex) const override {}
  void synchronizeStream(const c10::Stream&) const override {}
};
C10_REGISTER_GUARD_IMPL(PrivateUse1, Guard);

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return COUNT; }
  c10::DeviceIndex getCurrentDevice() const override { return current; }
  Device getDeviceFromPtr(void*) const override { return {kPrivateUse1, current}; }
  c10::Allocator* getPinnedMemoryAllocator() const override { return c10::GetAllocator(c10::kCPU); }
  bool isPinnedPtr(const void*) const override { return true; }
};
Hooks hooks;
const bool registered = (at::RegisterPrivateUse1HooksInterface(&hooks), true);

bool is_here(const Tensor& tensor) { return tensor.defined() && tensor.device().type() == kPrivateUse1; }

// The same memory as a tensor of the CPU's.
Tensor on_host(const Tensor& tensor) {
  if (!is_here(tensor)) return tensor;
  const int64_t size = tensor.storage().nbytes() / tensor.element_size();
  return at::from_blob(tensor.storage().mutable_data(), {size}, [tensor](void*) {}, tensor.options().device(c10::kCPU))
      .as_strided(tensor.sizes(), tensor.strides(), tensor.storage_offset());
}

Device place(std::optional<Device> asked) { return asked.value_or(Device(kPrivateUse1, current)); }

Tensor empty(
    at::IntArrayRef size, std::optional<at::ScalarType> dtype, std::optional<at::Layout>, std::optional<Device> on,
    std::optional<bool>, std::optional<at::MemoryFormat> format) {
  const c10::DeviceGuard guard(place(on));
  const c10::DispatchKeySet keys(c10::DispatchKey::PrivateUse1);
  return at::detail::empty_generic(size, &memory, keys, c10::dtype_or_default(dtype), format);
}

Tensor empty_strided(
    at::IntArrayRef size, at::IntArrayRef stride, std::optional<at::ScalarType> dtype, std::optional<at::Layout>,
    std::optional<Device> on, std::optional<bool>) {
  const c10::DeviceGuard guard(place(on));
  const c10::DispatchKeySet keys(c10::DispatchKey::PrivateUse1);
  return at::detail::empty_strided_generic(size, stride, &memory, keys, c10::dtype_or_default(dtype));
}

Tensor copy_from(const Tensor& self, const Tensor& to, bool) {
  on_host(to).copy_(on_host(self));
  return to;
}

Tensor& copy_in(Tensor& self, const Tensor& from, bool) {
  copy_from(from, self, false);
  return self;
}

Tensor copy_from_and_resize(const Tensor& self, const Tensor& to) {
  if (to.sizes() != self.sizes()) to.resize_(self.sizes());
  return copy_from(self, to, false);
}

const Tensor& resize(const Tensor& self, at::IntArrayRef size, std::optional<at::MemoryFormat>) {
  const auto needs = at::detail::computeStorageNbytesContiguous(size, self.element_size(), self.storage_offset());
  if (needs > self.storage().nbytes()) {
    const c10::DeviceGuard guard(self.device());
    auto data = memory.allocate(needs);
    memcpy(data.get(), self.storage().data(), self.storage().nbytes());
    self.storage().unsafeGetStorageImpl()->set_data_ptr_noswap(std::move(data));
    self.storage().unsafeGetStorageImpl()->set_nbytes(needs);
  }
  self.unsafeGetTensorImpl()->set_sizes_contiguous(size);
  return self;
}

Tensor& set_storage(Tensor& self, at::Storage from, int64_t offset, at::IntArrayRef size, at::IntArrayRef stride) {
  auto* tensor = self.unsafeGetTensorImpl();
  tensor->set_storage_keep_dtype(std::move(from));
  tensor->set_storage_offset(offset);
  tensor->set_sizes_and_strides(size, stride.size() == size.size() ? stride : at::detail::defaultStrides(size));
  return self;
}

Tensor& set_whole(Tensor& self, at::Storage from) {
  const int64_t size = from.nbytes() / self.element_size();
  return set_storage(self, std::move(from), 0, {size}, {});
}

Tensor& set_tensor(Tensor& self, const Tensor& from) {
  return set_storage(self, from.storage(), from.storage_offset(), from.sizes(), from.strides());
}

at::Scalar item(const Tensor& self) { return at::_local_scalar_dense(on_host(self)); }
Tensor as_strided(const Tensor& self, at::IntArrayRef size, at::IntArrayRef stride, std::optional<int64_t> offset) {
  return at::native::as_strided_tensorimpl(self, size, stride, offset);
}
Tensor view(const Tensor& self, at::IntArrayRef size) { return at::native::view(self, size); }
Tensor reshape_alias(const Tensor& self, at::IntArrayRef size, at::IntArrayRef stride) {
  return at::native::_reshape_alias(self, size, stride);
}
bool is_pinned(const Tensor&, std::optional<Device>) { return true; }

// Where the tensors of one call lie.
struct Places {
  std::optional<Device> here;
  bool host = false;

  void see(const Tensor& tensor) {
    if (is_here(tensor)) {
      TORCH_CHECK(!here || *here == tensor.device(), "tensors on ", *here, " and on ", tensor.device());
      here = tensor.device();
    } else if (tensor.defined() && tensor.device().is_cpu() && tensor.dim() > 0) {
      host = true;
    }
  }
};

// Everything that is not named below.
void on_the_cpu(const c10::OperatorHandle& op, torch::jit::Stack* stack) {
  const auto& schema = op.schema();
  const size_t count = schema.arguments().size();
  Places places;
  for (size_t n = 0; n < count; n++) {
    const auto& value = torch::jit::peek(*stack, n, count);
    if (value.isTensor())
      places.see(value.toTensor());
    else if (value.isTensorList())
      for (const Tensor& tensor : value.toTensorVector()) places.see(tensor);
    else if (value.isOptionalTensorList())
      for (const std::optional<Tensor>& tensor : value.toOptionalTensorList())
        if (tensor) places.see(*tensor);
  }
  // Indices may lie on the CPU for a GPU, too.
  const bool indexing = schema.name().find("index") != std::string::npos;
  TORCH_CHECK(indexing || !places.here || !places.host, schema.name(), ": tensors on ", *places.here, " and on the CPU");
  const c10::OptionalDeviceGuard guard(places.here);
  at::native::cpu_fallback(op, stack);
}

Tensor convolution(
    const Tensor& input, const Tensor& weight, const std::optional<Tensor>& bias, c10::SymIntArrayRef stride,
    c10::SymIntArrayRef padding, c10::SymIntArrayRef dilation, bool transposed, c10::SymIntArrayRef output_padding,
    c10::SymInt groups) {
  Places places;
  places.see(input);
  places.see(weight);
  if (bias) places.see(*bias);
  TORCH_CHECK(!places.host, "convolution: tensors on ", *places.here, " and on the CPU");
  const c10::DeviceGuard guard(*places.here);
  const auto with = bias ? std::optional(on_host(*bias)) : std::nullopt;
  return at::convolution_symint(
             on_host(input), on_host(weight), with, stride, padding, dilation, transposed, output_padding, groups)
      .to(*places.here);
}

struct Metadata : c10::TensorImpl {
  using c10::TensorImpl::copy_tensor_metadata;
};

}  // namespace

TORCH_LIBRARY_IMPL(_, PrivateUse1, m) { m.fallback(torch::CppFunction::makeFromBoxedFunction<&on_the_cpu>()); }

TORCH_LIBRARY_IMPL(aten, PrivateUse1, m) {
  m.impl("empty.memory_format", &empty);
  m.impl("empty_strided", &empty_strided);
  m.impl("_copy_from", &copy_from);
  m.impl("copy_", &copy_in);
  m.impl("_copy_from_and_resize", &copy_from_and_resize);
  m.impl("_local_scalar_dense", &item);
  m.impl("as_strided", &as_strided);
  m.impl("view", &view);
  m.impl("_reshape_alias", &reshape_alias);
  m.impl("resize_", &resize);
  m.impl("set_.source_Storage_storage_offset", &set_storage);
  m.impl("set_.source_Tensor", &set_tensor);
  m.impl("set_.source_Storage", &set_whole);
  m.impl("convolution_overrideable", &convolution);
  m.impl("is_pinned", &is_pinned);
}

TORCH_LIBRARY(second_memory, m) {
  m.def("used", [](int64_t device) -> int64_t { return used[device]; });
  m.def("peak", [](int64_t device) -> int64_t { return peak[device]; });
  m.def("reset", [](int64_t device) { peak[device] = used[device].load(); });
  m.def("limit", [](int64_t device, int64_t bytes) { most[device] = bytes; });
  m.def("current", []() -> int64_t { return current; });
  m.def("enter", [](int64_t device) { current = static_cast<c10::DeviceIndex>(device); });
  // `tensor.data = other`, which torch allows between the CPU and a GPU and not between the CPU and this.
  m.def("set_data", [](const Tensor& self, const Tensor& from) {
    auto* tensor = self.unsafeGetTensorImpl();
    Metadata::copy_tensor_metadata(from.unsafeGetTensorImpl(), tensor, tensor->version_counter(), true);
  });
}
