using Rindoku.Autograd;
using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Uncertainty.SdeNet;

/// <summary>The drift f(z, t): how the state moves.</summary>
public abstract class Drift : Module
{
    /// <summary>The change of the state per unit of time, in the shape of the state.</summary>
    /// <param name="z">The state.</param>
    /// <param name="t">The time.</param>
    public abstract Tensor Forward(Tensor z, double t);
}

/// <summary>A network whose state drifts and diffuses: <c>dz = f(z, t) dt + σ g(z₀) dW</c>, from <c>z₀ = h₁(x)</c> to <c>h₂(z_T)</c>.</summary>
/// <remarks>
/// <para>The drift f learns the task; what it leaves open is the uncertainty of the data. The diffusion g, one number from 0 to 1 for each
/// example, learns to be small where training data lie and large elsewhere, so that far from them the answers scatter: the uncertainty
/// of the model. Solved by Euler and Maruyama with N equal steps.</para>
/// <para>Source: Kong, Sun and Zhang 2020, arXiv:2008.10546, equations 4 to 6 and algorithm 1.</para>
/// <para>Checkpoint keys: those of h₁, f, g and h₂ under <c>start</c>, <c>drift</c>, <c>diffusion</c>, <c>head</c>.</para>
/// </remarks>
public sealed class SdeNet : Module
{
    /// <summary>A network of four parts.</summary>
    /// <param name="start">h₁, from inputs to the state z₀, (n, ...).</param>
    /// <param name="drift">f.</param>
    /// <param name="diffusion">g before its sigmoid: from the state to (n, 1).</param>
    /// <param name="head">h₂, from the state to answers.</param>
    /// <param name="horizon">T.</param>
    /// <param name="steps">N, in which T is cut.</param>
    public SdeNet(Layer start, Drift drift, Layer diffusion, Layer head, double horizon, int steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(horizon);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        (Horizon, Steps) = (horizon, steps);
        Start = Register("start", start);
        Drift = Register("drift", drift);
        Diffusion = Register("diffusion", diffusion);
        Head = Register("head", head);
    }

    /// <summary>h₁.</summary>
    public Layer Start { get; }

    /// <summary>f.</summary>
    public Drift Drift { get; }

    /// <summary>g before its sigmoid.</summary>
    public Layer Diffusion { get; }

    /// <summary>h₂.</summary>
    public Layer Head { get; }

    /// <summary>T.</summary>
    public double Horizon { get; }

    /// <summary>N.</summary>
    public int Steps { get; }

    /// <summary>The parameters that the task trains, those of h₁, f and h₂: the paper's first optimizer.</summary>
    public IReadOnlyList<Parameter> TaskParameters => [.. Start.Parameters, .. Drift.Parameters, .. Head.Parameters];

    /// <summary>One draw of the answers, h₂(z_T).</summary>
    /// <param name="x">The inputs.</param>
    /// <param name="sigma">σ, the most that the state diffuses; 0 makes the network deterministic.</param>
    /// <param name="noise">Where the Brownian motion comes from.</param>
    public Tensor Forward(Tensor x, double sigma, Rng noise) => Head.Forward(Evolve(Start.Forward(x), sigma, noise));

    /// <summary>From z₀ to z_T: <c>z ← z + f(z, t) Δt + σ g(z₀) √Δt ε</c>, N times.</summary>
    /// <param name="start">z₀.</param>
    /// <param name="sigma">σ.</param>
    /// <param name="noise">Where ε comes from.</param>
    public Tensor Evolve(Tensor start, double sigma, Rng noise)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(noise);
        double step = Horizon / Steps;
        Tensor z = start;
        Tensor? spread = sigma > 0 ? Column(Spread(start), start.Rank) * (float)(sigma * Math.Sqrt(step)) : null;
        for (int k = 0; k < Steps; k++)
        {
            z += Drift.Forward(z, k * step) * (float)step;
            if (spread is not null) z += spread * noise.Normal(z.Shape);
        }
        return z;
    }

    /// <summary>g(z₀), (n, 1), from 0 to 1: how far from the training data the network takes an example to be.</summary>
    /// <param name="start">z₀.</param>
    public Tensor Spread(Tensor start) => Diffusion.Forward(start).Sigmoid();

    /// <summary>The loss of the diffusion: cross-entropy of g for 0 at the data and for 1 at disturbed data; h₁ gets no gradient from it.</summary>
    /// <param name="x">Training inputs.</param>
    /// <param name="disturbed">Inputs that stand for what lies outside: the training inputs with much noise added.</param>
    public Tensor DetectionLoss(Tensor x, Tensor disturbed)
    {
        Tensor inside, outside;
        using (NoGrad.Enter()) (inside, outside) = (Start.Forward(x), Start.Forward(disturbed));
        return Against(inside, 0) + Against(outside, 1);
    }

    private Tensor Against(Tensor start, float target)
    {
        Tensor logits = Diffusion.Forward(start);
        return logits.BinaryCrossEntropyWithLogits(Tensor.Full(logits.Shape, target));
    }

    private static Tensor Column(Tensor perExample, int rank) => perExample.Reshape(Ones(perExample.Shape[0], rank));

    private static Shape Ones(int examples, int rank) => [examples, .. Enumerable.Repeat(1, rank - 1)];
}
