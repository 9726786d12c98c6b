using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Bench;

/// <summary>The kinds of steps that workloads are made of.</summary>
internal static class Steps
{
    /// <summary>Where a workload's numbers come from.</summary>
    public static Rng Numbers() => new(seed: 0);

    /// <summary>A training step: clear the gradients, forward, backward, update.</summary>
    public static Func<Tensor> Train(Optimizer optimizer, Func<Tensor> loss) => () =>
    {
        optimizer.ZeroGrad();
        Tensor value = loss();
        value.Backward();
        optimizer.Step();
        return value;
    };

    /// <summary>The optimizer of workloads that name no other.</summary>
    public static Optimizer Sgd(Module model) => new Sgd(model.Parameters, learningRate: 0.01, momentum: 0.9);

    /// <summary>Forward in evaluation, without gradients.</summary>
    public static Func<Tensor> Infer(Layer model, Tensor x)
    {
        model.Eval();
        return () =>
        {
            using (NoGrad.Enter()) return model.Forward(x);
        };
    }

    /// <summary>Training of a classifier on one random batch.</summary>
    public static Func<Tensor> Classify(Layer model, Tensor x, int classes, Rng rng, Func<Module, Optimizer>? optimizer = null)
    {
        IntTensor labels = Labels(rng, classes, [x.Shape[0]]);
        return Train((optimizer ?? Sgd)(model), () => model.Forward(x).CrossEntropy(labels));
    }

    /// <summary>Random whole numbers below <paramref name="count"/>.</summary>
    public static IntTensor Labels(Rng rng, int count, Shape shape) =>
        IntTensor.From([.. Enumerable.Range(0, shape.Length).Select(_ => rng.NextInt(count))], shape);
}
