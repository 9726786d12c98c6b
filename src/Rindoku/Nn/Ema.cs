namespace Rindoku.Nn;

/// <summary>An exponential moving average of a module's parameters and buffers: <c>average += (1 − decay) (now − average)</c> at each update.</summary>
/// <remarks>
/// <para>Evaluate with the average in the module's place: <c>using (ema.Applied()) ...</c>. With warm-up the decay of update n is at most
/// <c>(1 + n) / (10 + n)</c>, so that the start is soon forgotten.</para>
/// <para>Source: Polyak and Juditsky 1992; warm-up as in TensorFlow's ExponentialMovingAverage.</para>
/// </remarks>
public sealed class Ema
{
    private const string CountKey = "ema.updates";
    private const int MostUpdates = 1 << 24; // the last whole number a float32 counts to; the warm-up is over long before
    private readonly Module module;
    private readonly Dictionary<string, BufferTensor> averages;
    private bool applied;

    /// <summary>An average that starts from what the module holds now.</summary>
    /// <param name="module">The module.</param>
    /// <param name="decay">How much of the average stays at each update, from 0 to 1 (not 1 itself); 0.999 or 0.9999 are usual.</param>
    /// <param name="warmUp">Whether the first updates forget faster.</param>
    public Ema(Module module, double decay = 0.999, bool warmUp = false)
    {
        ArgumentNullException.ThrowIfNull(module);
        if (!(decay is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(decay), decay, "Ema: the decay must lie from 0 to 1, and not be 1");
        (this.module, Decay, WarmUp) = (module, decay, warmUp);
        averages = module.State().ToDictionary(s => s.Key, s => new BufferTensor(s.Value));
    }

    /// <summary>How much of the average stays at each update.</summary>
    public double Decay { get; }

    /// <summary>Whether the first updates forget faster.</summary>
    public bool WarmUp { get; }

    /// <summary>How many updates there have been (counted to 2²⁴).</summary>
    public int Updates { get; private set; }

    /// <summary>The averages, by the names of the module's parameters and buffers.</summary>
    public IReadOnlyDictionary<string, Tensor> Averages => averages.ToDictionary(a => a.Key, a => (Tensor)a.Value);

    /// <summary>Moves the averages towards the module; call it after each optimizer step.</summary>
    /// <exception cref="InvalidOperationException">The averages stand in the module's place at the moment.</exception>
    public void Update()
    {
        if (applied) throw new InvalidOperationException("Ema.Update: the averages stand in the module's place; end Applied(), or call Swap, first");
        Updates = Math.Min(Updates + 1, MostUpdates);
        double decay = WarmUp ? Math.Min(Decay, (1.0 + Updates) / (10.0 + Updates)) : Decay;
        foreach ((string name, Tensor now) in module.State())
        {
            ReadOnlySpan<float> from = now.Span;
            Span<float> average = averages[name].Values;
            for (int i = 0; i < average.Length; i++) average[i] += (float)((1 - decay) * (from[i] - average[i]));
        }
    }

    /// <summary>Exchanges the averages with what the module holds; a second call exchanges them back.</summary>
    public void Swap()
    {
        foreach ((string name, Tensor now) in module.State())
        {
            Span<float> mine = averages[name].Values, its = now is Parameter parameter ? parameter.Values : ((BufferTensor)now).Values;
            for (int i = 0; i < mine.Length; i++) (mine[i], its[i]) = (its[i], mine[i]);
        }
        applied = !applied;
    }

    /// <summary>Puts the averages into the module until the result is disposed.</summary>
    /// <exception cref="InvalidOperationException">They are there already.</exception>
    public IDisposable Applied()
    {
        if (applied) throw new InvalidOperationException("Ema.Applied: the averages already stand in the module's place");
        Swap();
        return new Undo(this);
    }

    /// <summary>Everything needed to go on, by name.</summary>
    /// <exception cref="InvalidOperationException">The averages stand in the module's place at the moment.</exception>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        if (applied) throw new InvalidOperationException("Ema.State: the averages stand in the module's place; end Applied(), or call Swap, first");
        Dictionary<string, Tensor> state = averages.ToDictionary(a => a.Key, a => (Tensor)a.Value);
        state[CountKey] = Tensor.Scalar(Updates);
        return state;
    }

    /// <summary>Takes over what <see cref="State"/> gave; nothing is changed unless everything fits.</summary>
    /// <exception cref="StateException">Names are missing or left over, or shapes differ; the message lists them all.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        StateException.ThrowIfDifferent(nameof(Ema), State(), state);
        foreach ((string name, BufferTensor average) in averages) state[name].Span.CopyTo(average.Values);
        Updates = (int)state[CountKey].Item();
    }

    private sealed class Undo(Ema ema) : IDisposable
    {
        private bool done;

        public void Dispose()
        {
            if (!done && ema.applied) ema.Swap();
            done = true;
        }
    }
}
