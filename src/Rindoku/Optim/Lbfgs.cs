namespace Rindoku.Optim;

/// <summary>Limited-memory BFGS with a line search that meets the strong Wolfe conditions, for smooth losses on a whole data set.</summary>
/// <remarks>
/// The direction is <c>−H g</c> with H built from the last steps by the two-loop recursion. Source: Nocedal and Wright, Numerical
/// Optimization (2nd ed.), algorithms 7.4, 3.5 and 3.6. Everything is computed in double. Unlike the others it evaluates the loss
/// itself, several times a step.
/// </remarks>
public sealed class Lbfgs
{
    private const double SufficientDecrease = 1e-4, Curvature = 0.9;

    private readonly Parameter[] parameters;
    private readonly List<(double[] Step, double[] Change, double Inverse)> history = [];
    private readonly int memory;
    private double[]? point, gradient;
    private double loss;

    /// <summary>An optimizer of parameters.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="memory">How many past steps shape the direction.</param>
    public Lbfgs(IEnumerable<Parameter> parameters, int memory = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(memory);
        this.parameters = [.. parameters];
        this.memory = memory;
    }

    /// <summary>How often the loss was evaluated.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Takes one step downhill.</summary>
    /// <param name="lossOf">Computes the loss (one element) from the parameters, with its graph.</param>
    /// <returns>The loss after the step; the same as before when no lower point could be found, as at a minimum.</returns>
    public double Step(Func<Tensor> lossOf)
    {
        ArgumentNullException.ThrowIfNull(lossOf);
        point ??= Read();
        if (gradient is null) (loss, gradient) = Evaluate(lossOf, point);

        double[] direction = Direction(gradient);
        double slope = Dot(direction, gradient);
        if (slope >= 0) // the history misleads: start again from steepest descent
        {
            history.Clear();
            direction = Direction(gradient);
            slope = Dot(direction, gradient);
        }
        if (slope == 0) return loss;

        double first = history.Count == 0 ? Math.Min(1, 1 / direction.Sum(Math.Abs)) : 1;
        if (Search(lossOf, direction, slope, first) is not { } found)
        {
            Write(point);
            return loss;
        }
        Remember(found.Point, found.Gradient);
        (point, gradient, loss) = found;
        Write(point);
        return loss;
    }

    private double[] Direction(double[] g)
    {
        double[] q = [.. g.Select(x => -x)], alphas = new double[history.Count];
        for (int i = history.Count - 1; i >= 0; i--)
        {
            alphas[i] = history[i].Inverse * Dot(history[i].Step, q);
            AddTo(q, -alphas[i], history[i].Change);
        }
        if (history.Count > 0)
        {
            (_, double[] change, double inverse) = history[^1];
            double scale = 1 / (inverse * Dot(change, change));
            for (int i = 0; i < q.Length; i++) q[i] *= scale;
        }
        for (int i = 0; i < history.Count; i++)
            AddTo(q, alphas[i] - history[i].Inverse * Dot(history[i].Change, q), history[i].Step);
        return q;
    }

    private void Remember(double[] next, double[] nextGradient)
    {
        double[] step = [.. next.Select((x, i) => x - point![i])], change = [.. nextGradient.Select((x, i) => x - gradient![i])];
        double curvature = Dot(step, change);
        if (curvature <= 1e-10) return; // H would no longer be positive definite
        if (history.Count == memory) history.RemoveAt(0);
        history.Add((step, change, 1 / curvature));
    }

    // Algorithm 3.5: widen until a good step is passed, then close in on it.
    private (double[] Point, double[] Gradient, double Loss)? Search(Func<Tensor> lossOf, double[] direction, double slope, double first)
    {
        Trial start = new(0, loss, slope, point!, gradient!), previous = start;
        double length = first;
        for (int i = 0; i < 25; i++, length *= 2)
        {
            Trial trial = Try(lossOf, direction, length);
            if (!(trial.Loss <= loss + SufficientDecrease * length * slope) || (i > 0 && trial.Loss >= previous.Loss))
                return Zoom(lossOf, direction, slope, previous, trial);
            if (Math.Abs(trial.Slope) <= -Curvature * slope) return trial.Result;
            if (trial.Slope >= 0) return Zoom(lossOf, direction, slope, trial, previous);
            previous = trial;
        }
        return previous.Result;
    }

    // Algorithm 3.6, with the minimum of the cubic through both ends, kept off the ends.
    private (double[] Point, double[] Gradient, double Loss)? Zoom(Func<Tensor> lossOf, double[] direction, double slope, Trial low, Trial high)
    {
        for (int i = 0; i < 25; i++)
        {
            Trial trial = Try(lossOf, direction, Between(low, high));
            if (!(trial.Loss <= loss + SufficientDecrease * trial.Length * slope) || trial.Loss >= low.Loss)
            {
                high = trial;
            }
            else
            {
                if (Math.Abs(trial.Slope) <= -Curvature * slope) return trial.Result;
                if (trial.Slope * (high.Length - low.Length) >= 0) high = low;
                low = trial;
            }
            if (Math.Abs(high.Length - low.Length) < 1e-12) break;
        }
        return low.Length > 0 ? low.Result : null;
    }

    private static double Between(Trial a, Trial b)
    {
        double width = b.Length - a.Length;
        double d1 = a.Slope + b.Slope - 3 * (a.Loss - b.Loss) / (a.Length - b.Length);
        double square = d1 * d1 - a.Slope * b.Slope;
        double d2 = Math.Sign(width) * Math.Sqrt(Math.Max(0, square));
        double part = 1 - (b.Slope + d2 - d1) / (b.Slope - a.Slope + 2 * d2);
        return a.Length + (square >= 0 && double.IsFinite(part) ? Math.Clamp(part, 0.1, 0.9) : 0.5) * width;
    }

    private Trial Try(Func<Tensor> lossOf, double[] direction, double length)
    {
        double[] at = [.. point!.Select((x, i) => x + length * direction[i])];
        (double value, double[] g) = Evaluate(lossOf, at);
        return new Trial(length, value, Dot(g, direction), at, g);
    }

    private (double Loss, double[] Gradient) Evaluate(Func<Tensor> lossOf, double[] at)
    {
        Evaluations++;
        Write(at);
        using MemoryScope scope = MemoryScope.Open();
        Tensor value = lossOf();
        double[] g = [.. Grad.Vjp(value, Tensor.Ones(value.Shape), parameters, allowUnused: true).SelectMany(x => x.ToArray()).Select(x => (double)x)];
        return (value.Item(), g);
    }

    private double[] Read() => [.. parameters.SelectMany(p => p.ToArray()).Select(x => (double)x)];

    private void Write(double[] values)
    {
        int at = 0;
        foreach (Parameter parameter in parameters)
            foreach (ref float x in parameter.Values) x = (float)values[at++];
    }

    private static double Dot(double[] a, double[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(a, b);

    private static void AddTo(double[] x, double factor, double[] y)
    {
        for (int i = 0; i < x.Length; i++) x[i] += factor * y[i];
    }

    private sealed record Trial(double Length, double Loss, double Slope, double[] Point, double[] Gradient)
    {
        public (double[] Point, double[] Gradient, double Loss) Result => (Point, Gradient, Loss);
    }
}
