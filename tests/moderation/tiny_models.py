"""Tiny real models, made on the spot: the published ones' architectures, trained on a handful of lines."""
# ruff: noqa: PLC0415  # torch takes seconds to import, and most tests of moderation need no model.

from pathlib import Path

import numpy as np
import pytest

SIXTEEN = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "identity_attack",
    "insult",
    "threat",
    "sexual_explicit",
    "male",
    "female",
    "homosexual_gay_or_lesbian",
    "christian",
    "jewish",
    "muslim",
    "black",
    "white",
    "psychiatric_or_mental_illness",
)
"""The multilingual model's classes."""
SAFE = "Safety: Safe\nCategories: None"
UNSAFE = "Safety: Unsafe\nCategories: Violent"


def save_tokenizer(folder: Path, *, template: str = "", more: tuple[str, ...] = ()):
    """A byte-level tokenizer: it reads any text, and needs no training."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    named = ("<pad>", "<s>", "</s>", "<unk>", "<mask>")
    vocab = {token: number for number, token in enumerate([*named, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if not template:
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
        )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        cls_token="<s>",
        sep_token="</s>",
    )
    fast.add_tokens(list(more))
    if template:
        fast.chat_template = template
    fast.save_pretrained(folder)
    return fast


def make_detoxify(
    folder: Path, *, bias: float = -6.0, classes: tuple[str, ...] = SIXTEEN, kind: str = "XLMRoberta"
) -> Path:
    """A checkpoint in detoxify's form. A high bias makes every text toxic."""
    import torch
    import transformers

    torch.manual_seed(1)
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=300,
        embedding_size=16,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=66,
        type_vocab_size=1,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        num_labels=len(classes),
    )
    config.save_pretrained(folder)
    save_tokenizer(folder)
    model = getattr(transformers, f"{kind}ForSequenceClassification")(config)
    getattr(model.classifier, "out_proj", model.classifier).bias.data.fill_(bias)
    state = model.state_dict()
    # The published checkpoints carry this buffer, which transformers no longer saves.
    state[f"{model.base_model_prefix}.embeddings.position_ids"] = torch.arange(66)[None]
    args = {
        "num_classes": len(classes),
        "model_type": str(folder),
        "model_name": f"{kind}ForSequenceClassification",
        "tokenizer_name": f"{kind}Tokenizer",
    }
    data = {
        "state_dict": state,
        "config": {"arch": {"args": args}, "dataset": {"args": {"classes": list(classes)}}},
    }
    torch.save(data, folder / "tiny.ckpt")
    return folder / "tiny.ckpt"


def make_guard(folder: Path) -> Path:
    """A Qwen3 that has learnt to answer a handful of lines as Qwen3Guard-Gen does; an answer is one token."""
    import torch
    from transformers import Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(3)
    template = "{% for m in messages %}<user>{{ m['content'] }}<answer>{% endfor %}"
    tokenizer = save_tokenizer(folder, template=template, more=("<user>", "<answer>", SAFE, UNSAFE))
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=4096,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        tie_word_embeddings=True,
    )
    model = Qwen3ForCausalLM(config)
    lines = [("tea", SAFE), ("warm cup", SAFE), ("茶", SAFE), ("bomb", UNSAFE), ("a bomb", UNSAFE)]
    texts = [f"<user>{text}<answer>{answer}</s>" for text, answer in lines]
    batch = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
    learn(model, batch, batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100))
    model.save_pretrained(folder)
    return folder


def learn(model, inputs, labels) -> None:
    import torch

    # One thread: these products are too small to share.
    torch.set_num_threads(1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    for _ in range(60):
        optimizer.zero_grad()
        model(**inputs, labels=labels).loss.backward()
        optimizer.step()


def make_frames(folder: Path, labels: tuple[str, ...] = ("normal", "nsfw")) -> Path:
    """A ViT that has learnt to tell red pictures (the last label) from others (the first)."""
    import torch
    from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessorPil

    torch.manual_seed(5)
    config = ViTConfig(
        image_size=32,
        patch_size=16,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    model = ViTForImageClassification(config)
    processor = ViTImageProcessorPil(size={"height": 32, "width": 32})
    pictures = [np.full((32, 32, 3), color, np.uint8) for color in COLORS]
    targets = torch.tensor([len(labels) - 1 if color == RED else 0 for color in COLORS])
    inputs = processor(images=pictures, return_tensors="pt")
    learn(model, inputs, targets)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


RED = (220, 20, 20)
COLORS = (RED, RED, RED, (20, 200, 20), (20, 20, 200), (240, 240, 240), (10, 10, 10))


def make_clip(folder: Path, *, scale: float = 2.6) -> Path:
    """A CLIP of random weights; a high scale makes it sure of whatever it says."""
    import torch
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPProcessor

    torch.manual_seed(7)
    tokenizer = save_tokenizer(folder)
    tokenizer.model_max_length = 64
    small = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    text = {
        **small,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 64,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    config = CLIPConfig(
        text_config=text,
        vision_config={**small, "image_size": 32, "patch_size": 16},
        projection_dim=16,
        logit_scale_init_value=scale,
    )
    CLIPModel(config).save_pretrained(folder)
    image = CLIPImageProcessorPil(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    CLIPProcessor(image, tokenizer).save_pretrained(folder)
    return folder


def make_face_models(folder: Path) -> tuple[Path, Path]:
    """Networks with YuNet's and SFace's outputs: a face is a magenta square, a person what is around it."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, weights, outputs = [], [], []
    for stride in (8, 16, 32):
        for kind, channels in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)):
            name = f"{kind}_{stride}"
            kernel = np.zeros((channels, 3, stride, stride), np.float32)
            bias = np.zeros(channels, np.float32)
            if kind in ("cls", "obj"):
                bias[:] = -8.0
                if stride == 32:
                    kernel[0, 2], kernel[0, 1] = 0.1 / stride**2, -0.1 / stride**2
            elif kind == "kps":
                bias[:] = (-0.5, -0.3, 0.5, -0.3, 0.0, 0.0, -0.4, 0.5, 0.4, 0.5)
            weights += [
                numpy_helper.from_array(kernel, f"{name}_w"),
                numpy_helper.from_array(bias, f"{name}_b"),
            ]
            shape = numpy_helper.from_array(np.array([1, -1, channels]), f"{name}_s")
            weights.append(shape)
            nodes.append(
                helper.make_node(
                    "Conv", ["input", f"{name}_w", f"{name}_b"], [f"{name}_c"], strides=[stride, stride]
                )
            )
            last = f"{name}_c"
            if kind in ("cls", "obj"):
                nodes.append(helper.make_node("Sigmoid", [last], [f"{name}_p"]))
                last = f"{name}_p"
            nodes.append(helper.make_node("Transpose", [last], [f"{name}_t"], perm=[0, 2, 3, 1]))
            nodes.append(helper.make_node("Reshape", [f"{name}_t", f"{name}_s"], [name]))
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, None, channels]))
    source = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "height", "width"])
    _save(helper, onnx, nodes, [source], outputs, weights, folder / "yunet.onnx")
    rng = np.random.default_rng(11)
    project = rng.normal(size=(192, 128)).astype(np.float32)
    _save(
        helper,
        onnx,
        [
            helper.make_node("AveragePool", ["data"], ["p"], kernel_shape=[14, 14], strides=[14, 14]),
            helper.make_node("Flatten", ["p"], ["f"]),
            helper.make_node("MatMul", ["f", "w"], ["fc1"]),
        ],
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 112, 112])],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, 128])],
        [numpy_helper.from_array(project, "w")],
        folder / "sface.onnx",
    )
    return folder / "yunet.onnx", folder / "sface.onnx"


def _save(helper, onnx, nodes, inputs, outputs, weights, path: Path) -> None:
    graph = helper.make_graph(nodes, path.stem, inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, path)


@pytest.fixture(scope="session")
def toxic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_detoxify(tmp_path_factory.mktemp("toxic"), bias=6.0)


@pytest.fixture(scope="session")
def mild(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_detoxify(tmp_path_factory.mktemp("mild"))


@pytest.fixture(scope="session")
def guard_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_guard(tmp_path_factory.mktemp("guard"))


@pytest.fixture(scope="session")
def frames_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_frames(tmp_path_factory.mktemp("frames"))


@pytest.fixture(scope="session")
def clip_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip"))


@pytest.fixture(scope="session")
def face_models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_face_models(tmp_path_factory.mktemp("faces"))
