namespace Rindoku.Nn;

/// <summary>A layer with one weight that can stand aside for another of its shape: what weight and spectral normalisation wrap.</summary>
public interface IWeighted
{
    /// <summary>The weight.</summary>
    Parameter Weight { get; }

    /// <summary>The bias, or null.</summary>
    Parameter? Bias { get; }

    /// <summary>The weight's axis that counts the outputs: 0, or 1 for transposed convolutions.</summary>
    int OutputAxis { get; }

    /// <summary>The layer's output with <paramref name="weight"/> in the place of its own.</summary>
    Tensor Forward(Tensor x, Tensor weight);
}
