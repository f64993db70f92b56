"""Small models of every kind that the product takes, saved as their authors save them: weights with
the head they were pretrained with, and a tokenizer of the kind's own design, trained here."""

from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE, Unigram, WordPiece
from tokenizers.trainers import BpeTrainer, UnigramTrainer, WordPieceTrainer
from transformers import (
    BertConfig,
    BertForMaskedLM,
    BloomConfig,
    BloomForCausalLM,
    DebertaV2Config,
    DebertaV2ForMaskedLM,
    LlamaConfig,
    LlamaForCausalLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

TEXTS = [
    "Turn on the light in the kitchen, please.",
    "Schalte bitte das Licht in der Küche ein.",
    "打开厨房的灯。",
    "أطفئ الضوء في المطبخ.",
    "หยุดเพลงในห้องนอน",
    "Is the front door locked? No, it isn't!",
    "Включи свет на кухне.",
    "रसोई की बत्ती जलाओ।",
]
WORDS = [tuple(text.split()) for text in TEXTS]

# Weights large enough for attention to tell.
SIZES = {
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "hidden_size": 64,
    "initializer_range": 0.2,
}
GATED = {**SIZES, "intermediate_size": 64, "num_key_value_heads": 1}


def word_piece() -> Tokenizer:
    tokenizer = Tokenizer(WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(TEXTS, WordPieceTrainer(vocab_size=300, special_tokens=special))
    return templated(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1")


def unigram(special: list[str], single: str, pair: str) -> Tokenizer:
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    unknown = next(name for name in special if "unk" in name.lower())
    trainer = UnigramTrainer(vocab_size=300, special_tokens=special, unk_token=unknown)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return templated(tokenizer, single, pair)


def xlm_roberta_tokenizer() -> Tokenizer:
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    return unigram(special, "<s> $A </s>", "<s> $A </s> </s> $B </s>")


def deberta_tokenizer() -> Tokenizer:
    special = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    return unigram(special, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1")


def byte_level(special: list[str]) -> Tokenizer:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return tokenizer


def modernbert_tokenizer() -> Tokenizer:
    tokenizer = byte_level(["[UNK]", "[CLS]", "[SEP]", "[PAD]"])
    return templated(tokenizer, "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1")


def bloom_tokenizer() -> Tokenizer:
    return byte_level(["<unk>", "<s>", "</s>", "<pad>"])


def qwen_tokenizer() -> Tokenizer:
    tokenizer = byte_level([])
    split = pre_tokenizers.Split(Regex(r"\s?\p{L}+|\p{N}|\s?[^\s\p{L}\p{N}]+|\s+"), "isolated")
    bytes_only = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_only])
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def llama_tokenizer() -> Tokenizer:
    tokenizer = Tokenizer(BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    special = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    trainer = BpeTrainer(vocab_size=600, special_tokens=special)
    tokenizer.train_from_iterator(TEXTS, trainer)
    return templated(tokenizer, "<s> $A", "<s> $A <s>:1 $B:1")


def templated(tokenizer: Tokenizer, single: str, pair: str) -> Tokenizer:
    names = {part.split(":")[0] for part in pair.split() if not part.startswith("$")}
    special = [(name, tokenizer.token_to_id(name)) for name in sorted(names)]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=special
    )
    return tokenizer


@dataclass(frozen=True)
class Small:
    """A kind of model: how to make its tokenizer and, for so many tokens, the model."""

    tokenizer: object
    config: object
    model: object
    sizes: dict
    pad: str


ENCODERS = {
    "bert": Small(
        word_piece, BertConfig, BertForMaskedLM, {**SIZES, "intermediate_size": 64}, "[PAD]"
    ),
    "xlm-roberta": Small(
        xlm_roberta_tokenizer,
        XLMRobertaConfig,
        XLMRobertaForMaskedLM,
        {**SIZES, "intermediate_size": 64, "type_vocab_size": 1, "max_position_embeddings": 514},
        "<pad>",
    ),
    "deberta": Small(
        deberta_tokenizer,
        DebertaV2Config,
        DebertaV2ForMaskedLM,
        {
            **SIZES,
            "intermediate_size": 64,
            "relative_attention": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "conv_kernel_size": 3,
            "type_vocab_size": 0,
        },
        "[PAD]",
    ),
    "modernbert": Small(
        modernbert_tokenizer,
        ModernBertConfig,
        ModernBertForMaskedLM,
        {**SIZES, "intermediate_size": 64},
        "[PAD]",
    ),
}
DECODERS = {
    "bloom": Small(
        bloom_tokenizer,
        BloomConfig,
        BloomForCausalLM,
        {"n_layer": 2, "n_head": 2, "hidden_size": 64, "initializer_range": 0.2},
        "<pad>",
    ),
    "qwen2": Small(qwen_tokenizer, Qwen2Config, Qwen2ForCausalLM, GATED, "<|endoftext|>"),
    "qwen3": Small(
        qwen_tokenizer, Qwen3Config, Qwen3ForCausalLM, {**GATED, "head_dim": 32}, "<|endoftext|>"
    ),
    "llama": Small(llama_tokenizer, LlamaConfig, LlamaForCausalLM, GATED, ""),
}


def save(kind: str, folder: Path) -> Path:
    """Write a small model of this kind, weights drawn with a fixed seed; returns the folder."""
    small = (ENCODERS | DECODERS)[kind]
    tokenizer = small.tokenizer()
    pad = {"pad_token_id": tokenizer.token_to_id(small.pad)} if small.pad else {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = small.model(
            small.config(vocab_size=tokenizer.get_vocab_size(), **pad, **small.sizes)
        )
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer).save_pretrained(folder)
    return folder
