namespace Rindoku.Optim;

/// <summary>Keeps gradients from growing too large, between <c>Backward</c> and the optimizer's step.</summary>
public static class GradientClipping
{
    /// <summary>Scales all gradients together so that their joint Euclidean norm is at most <paramref name="largest"/>.</summary>
    /// <param name="parameters">The parameters; those without a gradient are passed over.</param>
    /// <param name="largest">The largest norm allowed, above 0.</param>
    /// <returns>The norm before; NaN or infinite if a gradient is, and then nothing is changed.</returns>
    /// <remarks>Source: Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, algorithm 1.</remarks>
    public static double ByNorm(IEnumerable<Parameter> parameters, double largest)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largest);
        Parameter[] withGradient = [.. parameters.Where(p => p.Grad is not null)];
        double squares = 0;
        foreach (Parameter parameter in withGradient)
            foreach (float g in parameter.Grad!.Span) squares += (double)g * g;
        double norm = Math.Sqrt(squares);
        if (!(norm > largest) || double.IsInfinity(norm)) return norm;

        float scale = (float)(largest / norm);
        foreach (Parameter parameter in withGradient)
            foreach (ref float g in parameter.Grad!.Writable) g *= scale;
        return norm;
    }

    /// <summary>Scales each gradient by itself so that its own Euclidean norm is at most <paramref name="largest"/>.</summary>
    /// <param name="parameters">The parameters; those without a gradient are passed over.</param>
    /// <param name="largest">The largest norm allowed for each, above 0.</param>
    /// <returns>The joint norm before; NaN or infinite if a gradient is, and such a gradient is not changed.</returns>
    /// <remarks>
    /// Unlike <see cref="ByNorm"/> this turns the direction of the whole step: a layer with a huge gradient does not silence the others.
    /// </remarks>
    public static double EachByNorm(IEnumerable<Parameter> parameters, double largest)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double squares = 0;
        foreach (Parameter parameter in parameters)
        {
            double norm = ByNorm([parameter], largest);
            squares += norm * norm;
        }
        return Math.Sqrt(squares);
    }

    /// <summary>Puts every number of every gradient between <c>-largest</c> and <c>largest</c>.</summary>
    public static void ByValue(IEnumerable<Parameter> parameters, double largest)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largest);
        float bound = (float)largest;
        foreach (Parameter parameter in parameters)
            if (parameter.Grad is { } gradient)
                foreach (ref float g in gradient.Writable) g = Math.Clamp(g, -bound, bound);
    }
}
