using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Bench;

/// <summary>Transformers, recurrent networks and a network over sound.</summary>
internal static class SequenceWorkloads
{
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("vit-tiny-train", "training of a vision transformer (192 wide, 6 layers) on 32 x 32 images, batch 64", divisor =>
        {
            Rng rng = Steps.Numbers();
            return Steps.Classify(new VisionTransformer(rng), rng.Normal([64 / divisor, 3, 32, 32]), 10, rng, model => new AdamW(model.Parameters));
        }, Flops: 70.14e9),
        new("gpt-mini-train", "training of a character GPT (256 wide, 6 layers), 16 x 256 characters", divisor =>
        {
            Rng rng = Steps.Numbers();
            Gpt model = new(rng);
            IntTensor x = Steps.Labels(rng, 65, [16 / divisor, 256]), y = Steps.Labels(rng, 65, [16 / divisor * 256]);
            return Steps.Train(model, new AdamW(model.Parameters), () => model.Forward(x).Reshape(-1, 65).CrossEntropy(y))
                with { Labels = [("x", x, 65), ("y", y, 65)] };
        }, Flops: 135.7e9),
        new("lstm-lm-train", "training of an LSTM language model (2 x 200), 20 x 20 of 10,000 words", divisor =>
        {
            Rng rng = Steps.Numbers();
            WordModel model = new(rng);
            IntTensor x = Steps.Labels(rng, 10_000, [20 / divisor, 20]), y = Steps.Labels(rng, 10_000, [20 / divisor * 20]);
            return Steps.Train(model, Steps.Sgd(model), () => model.Forward(x).Reshape(-1, 10_000).CrossEntropy(y))
                with { Labels = [("x", x, 10_000), ("y", y, 10_000)] };
        }, Flops: 6.336e9),
        new("wavenet-train", "training of WaveNet (2 stacks of 9 layers) on 8,000 samples", divisor =>
        {
            Rng rng = Steps.Numbers();
            WaveNet model = new(rng);
            Tensor x = rng.Normal([1, 1, 8000 / divisor]);
            IntTensor y = Steps.Labels(rng, 256, [1, 8000 / divisor]);
            return Steps.Train(model, new Adam(model.Parameters), () => model.Forward(x).CrossEntropy(y))
                with { Inputs = [("x", x)], Labels = [("y", y, 256)] };
        }, Flops: 10.32e9),
    ];

    private static TransformerSettings Blocks(int width, int heads) =>
        new(width, heads, 4 * width) { NormFirst = true, Activation = static x => x.Gelu() };

    private sealed class VisionTransformer : Layer
    {
        private const int Width = 192;
        private readonly Conv2d patches;
        private readonly Parameter classToken, positions;
        private readonly TransformerEncoder blocks;
        private readonly Linear head;

        public VisionTransformer(Rng rng)
        {
            patches = Register("patches", new Conv2d(3, Width, 4, rng, stride: 4));
            classToken = Register("class", Tensor.Zeros([1, 1, Width]));
            positions = Register("positions", rng.Normal([1, 65, Width], 0, 0.02f));
            blocks = Register("blocks", new TransformerEncoder(Blocks(Width, 3), 6, rng, finalNorm: true));
            head = Register("head", new Linear(Width, 10, rng));
        }

        public override Tensor Forward(Tensor x)
        {
            Tensor maps = patches.Forward(x);
            Tensor tokens = maps.Reshape(maps.Shape[0], Width, -1).Transpose(1, 2);
            tokens = Tensor.Concat([classToken.Expand([maps.Shape[0], 1, Width]), tokens], 1) + positions;
            return head.Forward(blocks.Forward(tokens).Select(1, 0));
        }
    }

    private sealed class Gpt : Module
    {
        private static readonly AttentionOptions Causal = new() { Causal = true };
        private readonly Embedding words;
        private readonly LearnedEncoding positions;
        private readonly TransformerEncoder blocks;
        private readonly Linear head;

        public Gpt(Rng rng)
        {
            words = Register("words", new Embedding(65, 256, rng));
            positions = Register("positions", new LearnedEncoding(256, 256, rng, deviation: 1));
            blocks = Register("blocks", new TransformerEncoder(Blocks(256, 8), 6, rng, finalNorm: true));
            head = Register("head", new Linear(256, 65, rng));
        }

        public Tensor Forward(IntTensor x) => head.Forward(blocks.Forward(positions.Forward(words.Forward(x)), Causal));
    }

    private sealed class WordModel : Module
    {
        private readonly Embedding words;
        private readonly Lstm memory;
        private readonly Linear head;

        public WordModel(Rng rng)
        {
            words = Register("words", new Embedding(10_000, 200, rng));
            memory = Register("memory", new Lstm(200, 200, rng, new RecurrentSettings { Layers = 2 }));
            head = Register("head", new Linear(200, 10_000, rng));
        }

        public Tensor Forward(IntTensor x) => head.Forward(memory.Forward(words.Forward(x)));
    }

    private sealed class WaveNet : Layer
    {
        private const int Residual = 32, Skip = 128;
        private readonly Conv1d input, output1, output2;
        private readonly DilatedStack stack;

        public WaveNet(Rng rng)
        {
            input = Register("input", new Conv1d(1, Residual, 1, rng));
            stack = Register("stack", new DilatedStack(Residual, Skip, [.. Enumerable.Range(0, 18).Select(i => 1 << i % 9)], rng));
            output1 = Register("output1", new Conv1d(Skip, Skip, 1, rng));
            output2 = Register("output2", new Conv1d(Skip, 256, 1, rng));
        }

        public override Tensor Forward(Tensor x) =>
            output2.Forward(output1.Forward(stack.Forward(input.Forward(x)).Relu()).Relu());
    }
}
