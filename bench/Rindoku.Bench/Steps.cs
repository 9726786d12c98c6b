using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;
using Rindoku.Optim;

namespace Rindoku.Bench;

/// <summary>The kinds of steps that workloads are made of.</summary>
public static class Steps
{
    /// <summary>Where a workload's numbers come from.</summary>
    public static Rng Numbers() => new(seed: 0);

    /// <summary>A training step: clear the gradients, forward, backward, update.</summary>
    public static BenchStep Train(Module model, Optimizer optimizer, Func<Tensor> loss) => new(() =>
    {
        optimizer.ZeroGrad();
        Tensor value = loss();
        value.Backward();
        optimizer.Step();
        return value;
    })
    { Model = model };

    /// <summary>The optimizer of workloads that name no other.</summary>
    public static Optimizer Sgd(Module model) => new Sgd(model.Parameters, learningRate: 0.01, momentum: 0.9);

    /// <summary>Forward in evaluation, without gradients.</summary>
    public static BenchStep Infer(Layer model, Tensor x)
    {
        model.Eval();
        return new(() =>
        {
            using (NoGrad.Enter()) return model.Forward(x);
        })
        { Model = model, Inputs = [("x", x)] };
    }

    /// <summary>Training of a classifier on one random batch.</summary>
    public static BenchStep Classify(Layer model, Tensor x, int classes, Rng rng, Func<Module, Optimizer>? optimizer = null)
    {
        IntTensor y = Labels(rng, classes, [x.Shape[0]]);
        return Train(model, (optimizer ?? Sgd)(model), () => model.Forward(x).CrossEntropy(y)) with { Inputs = [("x", x)], Labels = [("y", y, classes)] };
    }

    /// <summary>Random whole numbers below <paramref name="count"/>.</summary>
    public static IntTensor Labels(Rng rng, int count, Shape shape) =>
        IntTensor.From([.. Enumerable.Range(0, shape.Length).Select(_ => rng.NextInt(count))], shape);
}
