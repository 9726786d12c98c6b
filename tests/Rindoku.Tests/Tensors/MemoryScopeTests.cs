using Rindoku.Ops;
using Rindoku.Tests.Kernels;

namespace Rindoku.Tests.Tensors;

[Collection(nameof(KernelSettings))]
public sealed class MemoryScopeTests
{
    private const int Large = Storage.SmallLength + 1;

    [Fact]
    public void Memory_of_a_scope_is_used_again()
    {
        MemoryScope.Run(() => { _ = Tensor.Ones([Large]); });
        long before = MemoryScope.PooledBytes;
        for (int i = 0; i < 10; i++) MemoryScope.Run(() => { _ = Tensor.Ones([Large]); });
        Assert.Equal(before, MemoryScope.PooledBytes);
        MemoryScope.Trim();
        Assert.True(MemoryScope.PooledBytes < before);
    }

    [Fact]
    public void A_tensor_read_after_its_scope_says_what_to_do()
    {
        Tensor x = Tensor.Scalar(0);
        MemoryScope.Run(() => { x = Tensor.Ones([Large]); });
        var error = Assert.Throws<InvalidOperationException>(() => x.ToArray());
        Assert.Equal("This tensor was a temporary of a step that has ended, and its memory has been used again. " +
            "Inside the step, read what you need with Item() or ToArray(), or hold on to the tensor with Keep().", error.Message);
        Assert.Equal($"Tensor({Large}) released", x.ToString());
        Assert.Throws<InvalidOperationException>(() => x + 1);
    }

    [Fact]
    public void Small_tensors_kept_tensors_results_and_parameters_live_on()
    {
        Tensor small = Tensor.Scalar(0), kept = small;
        Parameter? parameter = null;
        Tensor result = MemoryScope.Run(() =>
        {
            small = Tensor.Ones([Storage.SmallLength]);
            kept = Tensor.Full([Large], 2).Keep();
            parameter = new Parameter(Tensor.Full([Large], 3));
            return Tensor.Full([Large], 4);
        });
        MemoryScope.Run(() => { _ = Tensor.Full([Large], 9) + Tensor.Full([Large], 9); });
        Assert.Equal(1, small[0]);
        Assert.Equal(2, kept[5]);
        Assert.Equal(3, parameter![5]);
        Assert.Equal(4, result[5]);
    }

    [Fact]
    public void A_view_lives_and_dies_with_its_memory()
    {
        Tensor view = Tensor.Scalar(0), kept = view;
        MemoryScope.Run(() =>
        {
            view = Tensor.Ones([2, Large]).Select(0, 1);
            kept = Tensor.Full([2, Large], 2).Select(0, 1).Keep();
        });
        Assert.Throws<InvalidOperationException>(() => view[0]);
        Assert.Equal(2, kept[7]);
    }

    [Fact]
    public void A_tensor_handed_over_lives_in_the_scope_around()
    {
        Tensor x = Tensor.Scalar(0);
        using (MemoryScope.Open())
        {
            using (MemoryScope inner = MemoryScope.Open())
            {
                x = Tensor.Full([Large], 5);
                inner.HandOver(x);
            }
            Assert.Equal(5, x[0]);
        }
        Assert.Throws<InvalidOperationException>(() => x[0]);
    }

    [Fact]
    public void Scopes_must_end_in_the_reverse_order()
    {
        MemoryScope outer = MemoryScope.Open(), inner = MemoryScope.Open();
        Assert.Contains("reverse order", Assert.Throws<InvalidOperationException>(outer.Dispose).Message, StringComparison.Ordinal);
        inner.Dispose();
        outer.Dispose();
        outer.Dispose(); // ending twice does nothing
    }

    [Fact]
    public void A_thousand_training_steps_take_no_new_memory()
    {
        Parameter weight = new(new Rng(seed: 1).Normal([64, 64]));
        Rng rng = new(seed: 2);
        for (int i = 0; i < 20; i++) Step();
        long pooled = MemoryScope.PooledBytes, managed = GC.GetTotalMemory(forceFullCollection: true);
        for (int i = 0; i < 1000; i++) Step();
        Assert.Equal(pooled, MemoryScope.PooledBytes);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - managed, long.MinValue, 200_000);

        void Step()
        {
            using MemoryScope scope = MemoryScope.Open();
            Tensor x = rng.Normal([64, 64]);
            Tensor hidden = Checkpoint.Run(t => (t * weight).Silu(), x);
            Tensor loss = (hidden.T() * weight + hidden.Slice(1, .., -1)).Var([0]).Sum() + hidden.LogSumExp([1]).Mean();
            weight.Grad = null;
            loss.Backward();
            ReadOnlySpan<float> gradient = weight.Grad!.Span;
            Span<float> values = weight.Values;
            for (int i = 0; i < values.Length; i++) values[i] -= 0.01f * gradient[i];
        }
    }
}
